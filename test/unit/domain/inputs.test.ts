import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as contract from '../../../domain/contract.ts';
import { INPUT_TYPES, inputSchema, problemsOf, type Input, type InputType } from '../../../domain/inputs.ts';

const ID = '000000000042';

/** What a workflow makes of an input: the checked value, or the problems in words. */
const check = (type: InputType, input: unknown): unknown => {
  const parsed = inputSchema(type).safeParse(input);
  return parsed.success ? parsed.data : problemsOf(parsed.error, input);
};

const problems = (type: InputType, input: unknown): string => {
  const said = check(type, input);
  assert.ok(typeof said === 'string', 'the input is refused');
  return said;
};

/** What the contract tells other programs about each workflow's input. */
interface Contract {
  checkSetup: contract.CheckSetupInput;
  collectAcrossAccounts: contract.CollectAcrossAccountsInput;
  discoverAccounts: contract.DiscoverAccountsInput;
  excludeAccount: contract.ExcludeAccountInput;
  includeAccount: contract.IncludeAccountInput;
  onboardAccount: contract.OnboardAccountInput;
  onboardAccounts: contract.OnboardAccountsInput;
  readRegistry: contract.ReadRegistryInput;
  reportCoverage: contract.ReportCoverageInput;
  verifyAccount: contract.VerifyAccountInput;
  weeklyDigest: contract.WeeklyDigestInput;
}

/** The names of all fields, those of every alternative. */
type Fields<T> = T extends unknown ? keyof T : never;

/** What only our own workflows send: the contract says nothing of it. */
const OWN: InputType[] = ['account', 'accountSettings', 'discoverBatch', 'readAccountTags'];

/** Compiles only where contract and schema have fields of the same names. */
const SAME_FIELDS: {
  [Type in keyof Contract]: [Fields<Contract[Type]>, Fields<Input<Type>>] extends [
    Fields<Input<Type>>,
    Fields<Contract[Type]>,
  ]
    ? true
    : never;
} = {
  checkSetup: true,
  collectAcrossAccounts: true,
  discoverAccounts: true,
  excludeAccount: true,
  includeAccount: true,
  onboardAccount: true,
  onboardAccounts: true,
  readRegistry: true,
  reportCoverage: true,
  verifyAccount: true,
  weeklyDigest: true,
};

const COLLECTION = { workflowType: 'collectCosts', taskQueue: 'costs' };

const WHOLE_COLLECTION = {
  ...COLLECTION,
  input: { since: '2026-11-01', tables: [1, null, { a: 'ü' }] },
  include: {
    accountIds: [ID],
    orgUnits: ['/', '/Workloads/<b>R&D</b>'],
    accountRoles: ['production'],
    owners: ['ann'],
  },
  exclude: { owners: ['O\'Neil, "Pat"'] },
  maxConcurrent: 200,
  accountTimeoutSeconds: 86_400,
  recordScans: false,
  includeResults: true,
};

describe('inputs', () => {
  it('that name nothing start a full discovery', () => {
    assert.deepEqual(check('discoverAccounts', {}), {});
  });

  it('with every field are taken as they are, leading zeros included', () => {
    for (const [type, input] of [
      ['discoverAccounts', { dryRun: true, accountIds: [ID], acceptDepartures: 3, acceptRefusals: false }],
      ['verifyAccount', { accountId: ID }],
      ['includeAccount', { accountId: ID, by: 'ann' }],
      ['readRegistry', { what: 'accounts', status: 'no_access', after: 'x', limit: 1_000 }],
      ['readRegistry', { what: 'history', accountId: ID }],
      ['readRegistry', { what: 'setup' }],
      ['onboardAccount', { accountId: ID }],
      ['onboardAccounts', { accountIds: [ID, '123456789012'], maxConcurrent: 100 }],
      ['onboardAccounts', { allPending: true, maxConcurrent: 1 }],
      ['onboardAccounts', { orgUnit: '/Workloads/Büro & Außendienst' }],
      ['collectAcrossAccounts', { workflowType: 'collectCosts', taskQueue: 'costs' }],
      ['collectAcrossAccounts', WHOLE_COLLECTION],
    ] as const) {
      assert.deepEqual(check(type, input), input);
    }
  });

  it('that name no account leave it to the id of the onboarding', () => {
    assert.deepEqual(check('onboardAccount', {}), {});
  });

  it('lose the spaces around what people typed', () => {
    assert.deepEqual(check('excludeAccount', { accountId: ID, reason: '  closing  ', by: ' ann\n' }), {
      accountId: ID,
      reason: 'closing',
      by: 'ann',
    });
  });

  describe('until', () => {
    const untilOf = (until: unknown): unknown => {
      const said = check('excludeAccount', { accountId: ID, reason: 'r', by: 'ann', until });
      return typeof said === 'string' ? said : (said as { until: string }).until;
    };

    it('that is a date means through its end in UTC', () => {
      assert.equal(untilOf('2027-01-31'), '2027-01-31T23:59:59.999Z');
      assert.equal(untilOf('2028-02-29'), '2028-02-29T23:59:59.999Z');
    });

    it('that is a time with zone means that moment', () => {
      assert.equal(untilOf('2027-01-31T18:00:00Z'), '2027-01-31T18:00:00.000Z');
      assert.equal(untilOf('2027-01-31T23:30:00-02:00'), '2027-02-01T01:30:00.000Z');
    });

    for (const [what, until] of Object.entries({
      'a time without zone': '2027-01-31T18:00:00',
      'a day that does not exist': '2027-02-30',
      'a date in another spelling': '31.01.2027',
      words: 'next week',
      'no text': '',
      'a number': 1_800_000_000,
    })) {
      it(`that is ${what} is refused`, () => {
        assert.equal(
          untilOf(until),
          'until: expected a date such as 2027-01-31, or a time with zone such as 2027-01-31T18:00:00Z, ' +
            `got ${JSON.stringify(until)}`,
        );
      });
    }
  });

  describe('that are wrong are told by field, expectation and what came', () => {
    for (const [what, type, input, said] of [
      ['no input at all', 'discoverAccounts', undefined, 'input: expected object, got nothing'],
      ['null', 'discoverAccounts', null, 'input: expected object, got null'],
      ['a list', 'verifyAccount', [ID], `input: expected object, got ["${ID}"]`],
      ['text', 'verifyAccount', ID, `input: expected object, got "${ID}"`],
      ['a missing field', 'verifyAccount', {}, 'accountId: expected string, got nothing'],
      ['null for an optional field', 'discoverAccounts', { dryRun: null }, 'dryRun: expected boolean, got null'],
      ['text for a flag', 'discoverAccounts', { dryRun: 'yes' }, 'dryRun: expected boolean, got "yes"'],
      ['an account id as a number', 'verifyAccount', { accountId: 42 }, 'accountId: expected string, got 42'],
      [
        'an account id that lost its zeros',
        'verifyAccount',
        { accountId: '42' },
        'accountId: expected the 12 digits of an AWS account id, as text, got "42"',
      ],
      [
        'an account id with a line end',
        'verifyAccount',
        { accountId: `${ID}\n` },
        `accountId: expected the 12 digits of an AWS account id, as text, got "${ID}\\n"`,
      ],
      [
        'one wrong id of several',
        'discoverAccounts',
        { accountIds: [ID, 'x'] },
        'accountIds.1: expected the 12 digits of an AWS account id, as text, got "x"',
      ],
      [
        'an empty list of ids',
        'discoverAccounts',
        { accountIds: [] },
        'accountIds: expected at least one account id, got []',
      ],
      [
        'half a departure',
        'discoverAccounts',
        { acceptDepartures: 1.5 },
        'acceptDepartures: expected a whole number, got 1.5',
      ],
      [
        'a reason of spaces',
        'excludeAccount',
        { accountId: ID, reason: '  ', by: 'ann' },
        'reason: expected some text, got "  "',
      ],
      [
        'an unknown choice',
        'readRegistry',
        { what: 'everything' },
        'what: expected accounts, coverage, history or setup, got "everything"',
      ],
      [
        'an unknown status',
        'readRegistry',
        { what: 'accounts', status: 'gone' },
        'status: expected one of active, pending_setup, no_access, excluded, got "gone"',
      ],
      ['unknown fields', 'verifyAccount', { accountId: ID, force: 1, x: 2 }, 'input: unknown field "force", "x"'],
    ] as const) {
      it(`such as ${what}`, () => {
        assert.equal(problems(type, input), said);
      });
    }

    it('such as numbers out of range', () => {
      assert.match(
        problems('discoverAccounts', { acceptDepartures: 0 }),
        /^acceptDepartures: expected at least 1, got 0$/,
      );
      assert.match(
        problems('readRegistry', { what: 'accounts', limit: 1_001 }),
        /^limit: expected at most 1000, got 1001$/,
      );
    });

    it('all of them at once', () => {
      assert.equal(
        problems('excludeAccount', { accountId: 'x', by: '' }),
        'accountId: expected the 12 digits of an AWS account id, as text, got "x"; ' +
          'reason: expected string, got nothing; by: expected some text, got ""',
      );
    });
  });

  describe('of several onboardings', () => {
    const ways = { accountIds: [ID], orgUnit: '/Workloads', allPending: true } as const;

    it('name exactly one of accounts, unit and all that are pending', () => {
      const subset = fc.subarray(Object.keys(ways) as (keyof typeof ways)[]);
      fc.assert(
        fc.property(subset, fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }), (names, maxConcurrent) => {
          const input = { ...Object.fromEntries(names.map((name) => [name, ways[name]])), maxConcurrent };
          const said = check('onboardAccounts', input);
          if (names.length === 1) assert.deepEqual(said, input);
          else assert.match(String(said), /^input: expected exactly one of accountIds, orgUnit and allPending, got \{/);
        }),
      );
    });

    it('take any path of a unit, the root included', () => {
      for (const orgUnit of ['/', '/Workloads', '/Workloads/Production', '/東京', '/a b/<i>c</i>']) {
        assert.deepEqual(check('onboardAccounts', { orgUnit }), { orgUnit });
      }
    });

    it('refuse a path longer than any unit of AWS has', () => {
      const longest = `/${'x'.repeat(999)}`;
      assert.deepEqual(check('onboardAccounts', { orgUnit: longest }), { orgUnit: longest });
      assert.match(
        problems('onboardAccounts', { orgUnit: `${longest}x` }),
        /^orgUnit: expected at most 1000 characters, got "/,
      );
    });

    for (const orgUnit of ['', 'Workloads', '/Workloads/', 'ou-abcd-12345678', '//']) {
      it(`refuse ${orgUnit === '' ? 'no text' : orgUnit} as a path`, () => {
        assert.equal(
          problems('onboardAccounts', { orgUnit }),
          'orgUnit: expected the path of an organizational unit such as /Workloads/Production, ' +
            `got ${JSON.stringify(orgUnit)}`,
        );
      });
    }

    it('don\'t take "not all that are pending" for all of them', () => {
      assert.equal(problems('onboardAccounts', { allPending: false }), 'allPending: expected true, got false');
    });

    it('name at least one account, and run between one and a hundred at a time', () => {
      for (const [input, said] of [
        [{ accountIds: [] }, 'accountIds: expected at least one account id, got []'],
        [{ allPending: true, maxConcurrent: 0 }, 'maxConcurrent: expected at least 1, got 0'],
        [{ allPending: true, maxConcurrent: 101 }, 'maxConcurrent: expected at most 100, got 101'],
        [{ allPending: true, maxConcurrent: 2.5 }, 'maxConcurrent: expected a whole number, got 2.5'],
      ] as const) {
        assert.equal(problems('onboardAccounts', input), said);
      }
    });
  });

  describe('of a collection', () => {
    const refused = (input: object): string => problems('collectAcrossAccounts', { ...COLLECTION, ...input });

    it('name the workflow and its task queue', () => {
      assert.equal(
        problems('collectAcrossAccounts', {}),
        'workflowType: expected string, got nothing; taskQueue: expected string, got nothing',
      );
      assert.equal(refused({ taskQueue: '  ' }), 'taskQueue: expected some text, got "  "');
    });

    it('hand on any value as it is, up to 64 KiB as JSON in UTF-8', () => {
      for (const input of [null, false, 0, '', [], {}, 'x'.repeat(64 * 1024 - 2), 'ü'.repeat(32 * 1024 - 1)]) {
        assert.deepEqual(check('collectAcrossAccounts', { ...COLLECTION, input }), { ...COLLECTION, input });
      }
      for (const input of ['x'.repeat(64 * 1024 - 1), 'ü'.repeat(32 * 1024), { '"': '"'.repeat(32 * 1024) }]) {
        assert.match(refused({ input }), /^input: expected at most 64 KiB as JSON, got .{1,100}$/);
      }
    });

    it('limit accounts at a time and their time', () => {
      for (const [input, said] of [
        [{ maxConcurrent: 0 }, 'maxConcurrent: expected at least 1, got 0'],
        [{ maxConcurrent: 201 }, 'maxConcurrent: expected at most 200, got 201'],
        [{ maxConcurrent: 1.5 }, 'maxConcurrent: expected a whole number, got 1.5'],
        [{ accountTimeoutSeconds: 0 }, 'accountTimeoutSeconds: expected at least 1, got 0'],
        [{ accountTimeoutSeconds: 86_401 }, 'accountTimeoutSeconds: expected at most 86400, got 86401'],
        [{ recordScans: 'no' }, 'recordScans: expected boolean, got "no"'],
      ] as const) {
        assert.equal(refused(input), said);
      }
    });

    for (const side of ['include', 'exclude'] as const) {
      it(`refuse a list of nothing in ${side}, which would mean all or none`, () => {
        for (const field of ['accountIds', 'orgUnits', 'accountRoles', 'owners']) {
          assert.equal(refused({ [side]: { [field]: [] } }), `${side}.${field}: expected at least one entry, got []`);
        }
      });

      it(`refuse in ${side} what could not be meant`, () => {
        for (const [filter, said] of [
          [{ accounts: [ID] }, `${side}: unknown field "accounts"`],
          [{ accountIds: ID }, `${side}.accountIds: expected array, got "${ID}"`],
          [{ accountIds: [42] }, `${side}.accountIds.0: expected string, got 42`],
          [
            { accountIds: [ID, '42'] },
            `${side}.accountIds.1: expected the 12 digits of an AWS account id, as text, got "42"`,
          ],
          [
            { orgUnits: ['/Workloads/'] },
            `${side}.orgUnits.0: expected the path of an organizational unit such as /Workloads/Production, got "/Workloads/"`,
          ],
          [{ owners: [''] }, `${side}.owners.0: expected some text, got ""`],
        ] as const) {
          assert.equal(refused({ [side]: filter }), said);
        }
      });
    }
  });

  it('about how accounts are set up ask for no account and no status', () => {
    assert.equal(
      problems('readRegistry', { what: 'setup', accountId: ID }),
      `accountId: expected with history only, got "${ID}"`,
    );
    assert.equal(
      problems('readRegistry', { what: 'setup', status: 'pending_setup' }),
      'status: expected with accounts only, got "pending_setup"',
    );
  });

  it('that are long are shown in part, cut between characters', () => {
    const said = problems('verifyAccount', { accountId: '😀'.repeat(100) });
    assert.match(said, /^accountId: expected .*, got "(😀)+…$/u);
    assert.ok(Buffer.byteLength(said) < 200);
    const manyWrong = problems('discoverAccounts', { accountIds: Array<string>(5_000).fill('é') });
    assert.ok(Buffer.byteLength(manyWrong) <= 4_000);
    assert.match(manyWrong, /^accountIds\.0: .*…$/);
  });

  it('refuse more ids than a list may have, and longer texts than a field may have', () => {
    assert.match(problems('discoverAccounts', { accountIds: Array<string>(5_001).fill(ID) }), /^accountIds: .*5000/);
    const long = problems('excludeAccount', { accountId: ID, reason: 'r'.repeat(501), by: 'b'.repeat(201) });
    assert.match(long, /reason: expected at most 500 characters.*by: expected at most 200 characters/);
  });

  it('have the fields that the contract tells of, for every workflow that anybody may start', () => {
    assert.deepEqual(Object.keys(SAME_FIELDS).sort(), INPUT_TYPES.filter((type) => !OWN.includes(type)).sort());
  });

  it('are never refused by an exception, and always in words', () => {
    const types = INPUT_TYPES;
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.jsonValue(), (type, input) => {
        const said = check(type, input);
        if (typeof said === 'string') assert.match(said, /: (expected|unknown|Too|Invalid)/);
      }),
    );
  });
});
