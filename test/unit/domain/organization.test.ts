import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  factsFrom,
  nodeIdOf,
  orgUnitPath,
  placeOf,
  unitNames,
  type OrganizationTree,
} from '../../../domain/organization.ts';

const tree = (...units: [id: string, name: string, parentId: string][]): OrganizationTree => ({
  organizationId: 'o-1',
  rootId: 'r-1',
  units: new Map(units.map(([id, name, parentId]) => [id, { id, name, parentId }])),
});

const WORKLOADS = tree(
  ['ou-prod', 'Production', 'ou-work'],
  ['ou-work', 'Workloads', 'r-1'],
  ['ou-lost', 'Lost', 'ou-unread'],
);

describe('organization', () => {
  it('names the units from the first one below the root', () => {
    assert.deepEqual(unitNames(WORKLOADS, 'ou-prod'), ['Workloads', 'Production']);
  });

  it('has no names for the root itself', () => {
    assert.deepEqual(unitNames(WORKLOADS, 'r-1'), []);
  });

  it('knows no names where a unit on the way is unknown', () => {
    assert.equal(unitNames(WORKLOADS, 'ou-lost'), undefined);
  });

  it('places an account below its unit', () => {
    assert.deepEqual(placeOf(WORKLOADS, 'ou-prod'), { parentId: 'ou-prod', units: ['Workloads', 'Production'] });
  });

  it('places an account of the root below the organization', () => {
    assert.deepEqual(placeOf(WORKLOADS, 'r-1'), { parentId: 'o-1', units: [] });
  });

  it('knows the root as the organization, and every unit as itself', () => {
    assert.deepEqual([nodeIdOf('r-ab12', 'o-1'), nodeIdOf('ou-ab12-1', 'o-1')], ['o-1', 'ou-ab12-1']);
  });

  it('tells of an account whether it is the one that manages, and its place if that is known', () => {
    const account = { id: '012345678901', name: 'a', email: '', state: 'ACTIVE', partition: 'aws' };
    const place = { parentId: 'o-1', units: [] };
    assert.deepEqual(factsFrom(account, { id: 'o-1', managementAccountId: account.id }, place), {
      ...account,
      managementAccount: true,
      place,
    });
    assert.deepEqual(factsFrom(account, { id: 'o-1', managementAccountId: '999999999999' }, undefined), {
      ...account,
      managementAccount: false,
    });
  });

  it('knows no place without a parent, or with one that was not read', () => {
    assert.equal(placeOf(WORKLOADS, undefined), undefined);
    assert.equal(placeOf(WORKLOADS, 'ou-new'), undefined);
    assert.equal(placeOf(WORKLOADS, 'ou-lost'), undefined);
  });

  it('writes the path of units with slashes, and the root as one', () => {
    assert.equal(orgUnitPath(['Workloads', 'Production']), '/Workloads/Production');
    assert.equal(orgUnitPath([]), '/');
  });

  it('gives each unit the path of its parent and its own name, however deep and in whatever script', () => {
    const units = fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), above: fc.nat() }), { minLength: 1 });
    fc.assert(
      fc.property(units, (found) => {
        const ids = ['r-1', ...found.map((_, index) => `ou-${String(index)}`)];
        const parentOf = (index: number, above: number): string => ids[above % (index + 1)] ?? 'r-1';
        const random = tree(
          ...found.map(({ name, above }, index): [string, string, string] => [
            `ou-${String(index)}`,
            name,
            parentOf(index, above),
          ]),
        );
        for (const [index, { name, above }] of found.entries()) {
          const parent = parentOf(index, above);
          assert.deepEqual(unitNames(random, `ou-${String(index)}`), [...(unitNames(random, parent) ?? []), name]);
        }
      }),
    );
  });
});
