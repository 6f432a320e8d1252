import type { Settings } from '../domain/settings.ts';

/** The worker's configuration as far as workflows need it. */
export const createSettingsActivities = (settings: Settings, externalId: string | undefined) => ({
  readSettings: (): Promise<Settings> => Promise.resolve(settings),

  /** What the roles demand; null for nothing. Apart from the others, so that only collections have it in their history. */
  readExternalId: (): Promise<string | null> => Promise.resolve(externalId ?? null),
});

export type SettingsActivities = ReturnType<typeof createSettingsActivities>;
