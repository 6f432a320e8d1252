import assert from 'node:assert/strict';
import fc from 'fast-check';
import { setupInstructions, type SetupSite } from '../../../domain/setup.ts';

const ID = '000000000042';

const SITE: SetupSite = {
  namespace: 'default',
  taskQueue: 'polo-accounts',
  temporalUiUrl: 'https://temporal.example.com',
  stackSet: { name: 'production-polo-roles', region: 'us-east-1', callAs: 'DELEGATED_ADMIN' },
};

const accountId = fc.integer({ min: 0, max: 999_999_999_999 }).map((digits) => String(digits).padStart(12, '0'));

const linkOf = (id: string, site: SetupSite): URL => new URL(setupInstructions(id, site).temporalUi ?? '');

describe('instructions to set up an account', () => {
  it('name every way, ready to be used', () => {
    assert.deepEqual(setupInstructions(ID, SITE), {
      temporalUi:
        'https://temporal.example.com/namespaces/default/workflows/start-workflow' +
        '?workflowId=onboard%2F000000000042&taskQueue=polo-accounts&workflowType=onboardAccount',
      cli: 'polo-accounts onboard 000000000042',
      awsCli: [
        `ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)`,
        'aws cloudformation create-stack-instances --stack-set-name production-polo-roles --call-as DELEGATED_ADMIN ' +
          '--region us-east-1 --regions us-east-1 ' +
          '--deployment-targets "OrganizationalUnitIds=$ROOT,Accounts=000000000042,AccountFilterType=INTERSECTION"',
        'polo-accounts verify 000000000042',
      ],
      runbook: 'operations/new-account.md#manual-path',
    });
  });

  it('link to a start that needs no input, whatever namespace and task queue are called', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.\.?$/.test(text));
    fc.assert(
      fc.property(accountId, name, name, (id, namespace, taskQueue) => {
        const link = linkOf(id, { ...SITE, namespace, taskQueue });
        assert.deepEqual(Object.fromEntries(link.searchParams), {
          workflowId: `onboard/${id}`,
          taskQueue,
          workflowType: 'onboardAccount',
        });
        const [, , named = '', ...page] = link.pathname.split('/');
        assert.equal(decodeURIComponent(named), namespace);
        assert.deepEqual(page, ['workflows', 'start-workflow']);
      }),
    );
  });

  it('link into a Temporal UI that is served below a path', () => {
    const link = linkOf(ID, { ...SITE, temporalUiUrl: 'https://example.com/temporal' });
    assert.equal(link.pathname, '/temporal/namespaces/default/workflows/start-workflow');
  });

  it('have no link where nobody told the address of the Temporal UI, and all the rest', () => {
    const { temporalUiUrl, ...site } = SITE;
    assert.ok(temporalUiUrl);
    const { temporalUi, ...others } = setupInstructions(ID, SITE);
    assert.ok(temporalUi);
    assert.deepEqual(setupInstructions(ID, site), others);
  });

  it('are only by hand for the management account, which no StackSet reaches', () => {
    const { awsCli, ...others } = setupInstructions(ID, SITE, true);
    assert.deepEqual(others, { runbook: 'operations/new-account.md#management-account' });
    assert.match(awsCli[1] ?? '', /^aws cloudformation create-stack --stack-name production-polo-roles /);
    assert.equal(awsCli.at(-1), 'polo-accounts verify 000000000042');
    assert.doesNotMatch(awsCli.join(), /create-stack-instances/);
  });

  it('keep leading zeros, and name no other account', () => {
    fc.assert(
      fc.property(accountId, (id) => {
        const { temporalUi = '', cli, awsCli } = setupInstructions(id, SITE);
        const named = [decodeURIComponent(temporalUi), cli, ...awsCli].join('\n').match(/\d{12,}/g) ?? [];
        assert.deepEqual(named, Array<string>(4).fill(id));
      }),
    );
  });
});
