import type { Settings } from '../domain/settings.ts';

/** The worker's configuration as far as workflows need it. */
export const createSettingsActivities = (settings: Settings) => ({
  readSettings: (): Promise<Settings> => Promise.resolve(settings),
});

export type SettingsActivities = ReturnType<typeof createSettingsActivities>;
