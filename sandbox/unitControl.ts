/** What control requests may do to organizational units. */
import { z } from 'zod';
import { ControlError } from './controlRequest.ts';
import { changeUnit, ensureUnit } from './organization.ts';
import type { SandboxOrganization, SandboxUnit } from './organization.ts';

/** A unit in a request: the path of its names, or its id. */
export const placeSchema = z.union([z.string(), z.array(z.string().min(1))]);

/** Body of `PATCH /_sandbox/ous/<id or path>`. */
export const unitChangeSchema = z.strictObject({
  name: z.string().min(1).max(128).exactOptional(),
  parent: placeSchema.exactOptional(),
});

/** The unit that a request names; a path that doesn't exist is made. */
export const placeOf = (organization: SandboxOrganization, place: string | string[]): SandboxUnit => {
  if (typeof place === 'string' && organization.units.has(place)) return findUnit(organization, place);
  const names = typeof place === 'string' ? place.split('/').filter((name) => name !== '') : place;
  const unit = ensureUnit(organization, names);
  if (typeof unit === 'string') throw new ControlError(400, unit);
  return unit;
};

/** The unit with an id, or at a path of names. */
export const findUnit = (organization: SandboxOrganization, place: string | string[]): SandboxUnit => {
  if (typeof place === 'string') {
    const unit = organization.units.get(place);
    if (unit) return unit;
    throw new ControlError(404, `there is no unit ${place}`);
  }
  let unit = organization.root;
  for (const name of place) {
    const child = unit.units.find((candidate) => candidate.name === name);
    if (!child) throw new ControlError(404, `there is no unit /${place.join('/')}`);
    unit = child;
  }
  return unit;
};

/** Renames or moves a unit as a control request says. */
export const changeUnitAsTold = (
  organization: SandboxOrganization,
  unit: SandboxUnit,
  body: z.infer<typeof unitChangeSchema>,
): void => {
  const parent = body.parent === undefined ? unit.parent : placeOf(organization, body.parent);
  const refusal = changeUnit(unit, body.name ?? unit.name, parent ?? unit);
  if (refusal !== undefined) throw new ControlError(400, refusal);
};
