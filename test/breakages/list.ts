/**
 * Places that are broken on purpose, one at a time, and the test that has to notice it. `npm run test:breakages` tries them;
 * `test/unit/breakages.test.ts` holds the list together with sources, tests and docs/breakages.md.
 */

/** One mistake in the product. Files are named from the root of the project. */
export interface Breakage {
  /** For the command line. */
  name: string;
  file: string;
  /** What happens then. */
  broken: string;
  /** Stands in the file once. */
  text: string;
  becomes: string;
  /** The test that has to fail, by its title as its source has it: any text may stand for a `${…}`. */
  caughtBy: { file: string; test: string };
}

/** Times that a text is in a source. */
export const occurrences = (source: string, text: string): number => source.split(text).length - 1;

/** The breakages as docs/breakages.md tells them: what happens, where, and which test notices. */
export const rowsOf = (breakages: Breakage[]): string[][] =>
  breakages.map(({ name, file, broken, caughtBy }) => [
    `\`${name}\``,
    broken,
    `\`${file}\``,
    `\`${caughtBy.file}\`: ${caughtBy.test.replace(/\$\{\w+\}/g, '…')}`,
  ]);

export const BREAKAGES: Breakage[] = [
  // One writer per account.
  {
    name: 'queue',
    file: 'workflows/account.ts',
    broken:
      'commands of an account run beside each other, and those that come later overwrite what others have written',
    text: 'const result = tail.then(step);',
    becomes: 'const result = Promise.resolve().then(step);',
    caughtBy: { file: 'test/faults/lostUpdates.test.ts', test: 'are all in row and events, each of them once' },
  },
  {
    name: 'command-twice',
    file: 'workflows/account.ts',
    broken: 'a command is applied once more when its sender tries again',
    text: '    if (known) return known;\n',
    becomes: '',
    caughtBy: {
      file: 'test/faults/accountCommands.test.ts',
      test: 'applies a command once that comes twice, because its sender tried again',
    },
  },
  {
    name: 'restless-id',
    file: 'workflows/applyCommand.ts',
    broken:
      'a command has another id each time that it is applied, and who goes on after a dead worker takes its work for that of others',
    text: '  const now = Date.now();\n  const verifying =',
    becomes:
      '  const now = Date.now();\n  command = { ...command, id: `${command.id}/${String(now)}` };\n  const verifying =',
    caughtBy: {
      file: 'test/faults/kills.test.ts',
      test: 'survives its only worker being killed at any moment, once it is restarted',
    },
  },
  {
    name: 'failed-command',
    file: 'workflows/account.ts',
    broken: 'a command that failed stays failed, however often it is sent again',
    text: 'result.catch(() => applied.delete(command.id));',
    becomes: 'result.catch(() => undefined);',
    caughtBy: {
      file: 'test/faults/accountCommands.test.ts',
      test: 'goes on with the others when its first command fails, and applies that one when it is sent again',
    },
  },
  {
    name: 'cancelled-account',
    file: 'workflows/account.ts',
    broken: 'whoever cancels the workflow of an account cancels the commands of others that wait in it',
    text: 'CancellationScope.nonCancellable(() => once(command))',
    becomes: 'once(command)',
    caughtBy: {
      file: 'test/faults/oneDiscovery.test.ts',
      test: "are applied although somebody cancels the account's own workflow",
    },
  },
  {
    name: 'killed-account',
    file: 'workflows/accountCommands.ts',
    broken: 'who cancels or terminates a discovery ends the workflows of accounts in which commands of others wait',
    text: 'parentClosePolicy: ParentClosePolicy.ABANDON',
    becomes: 'parentClosePolicy: ParentClosePolicy.TERMINATE',
    caughtBy: {
      file: 'test/faults/oneDiscovery.test.ts',
      test: "are applied although somebody's discovery of it is told to ${end}",
    },
  },
  {
    name: 'ended-run',
    file: 'activities/temporal.ts',
    broken: 'a command fails for good when the run that it was handed to ends, instead of going to the next one',
    text: "if (cause && cause.type !== 'AcceptedUpdateCompletedWorkflow') throw cause;",
    becomes: 'if (cause) throw cause;',
    caughtBy: {
      file: 'test/faults/accountCommands.test.ts',
      test: 'begins anew for those that still wait when somebody terminates it',
    },
  },
  {
    name: 'held-while-waiting',
    file: 'workflows/account.ts',
    broken: 'everybody else waits while an account waits for its second look',
    text: 'await sleep((await settings).secondLook);',
    becomes: 'await inTurn(async () => sleep((await settings).secondLook));',
    caughtBy: {
      file: 'test/faults/secondLook.test.ts',
      test: 'does what others want while it waits for the second look',
    },
  },

  // Status rules.
  {
    name: 'ever-active',
    file: 'domain/status.ts',
    broken: 'an account that was active once and lost its access counts as not set up yet (rule 7)',
    text: "everActive || status === 'active' || status === 'no_access';",
    becomes: "status === 'active';",
    caughtBy: {
      file: 'test/unit/domain/status.test.ts',
      test: 'decides by exactly one rule, the first one that matches',
    },
  },
  {
    name: 'second-look',
    file: 'domain/status.ts',
    broken: 'an active account loses its access by one refusal',
    text: 'now - refusal < wait;',
    becomes: 'now - refusal < 0;',
    caughtBy: {
      file: 'test/unit/domain/status.test.ts',
      test: 'keeps an active account active, and its action role, until a refusal stood for the whole wait',
    },
  },
  {
    name: 'flapping',
    file: 'workflows/applyCommand.ts',
    broken: 'an account whose roles work and are refused in turn loses what its last look took away',
    text: 'return write(held, record, command, { ...intent, decision: unconfirmed });',
    becomes: 'return write(held, record, command, { ...intent, decision: lastLook ? decision : unconfirmed });',
    caughtBy: {
      file: 'test/faults/secondLook.test.ts',
      test: 'loses nothing while its roles work and are refused in turn',
    },
  },
  {
    name: 'first-look',
    file: 'domain/status.ts',
    broken: 'the first look of a discovery counts although it left the action role open',
    text: "read.outcome !== 'inconclusive' && action?.outcome !== 'inconclusive';",
    becomes: "read.outcome !== 'inconclusive';",
    caughtBy: {
      file: 'test/unit/domain/status.test.ts',
      test: 'is conclusive if every configured role was judged',
    },
  },
  {
    name: 'only-first-look',
    file: 'workflows/verifyBothRoles.ts',
    broken: 'a discovery looks once, and what that leaves open is never tried again',
    text: 'return isConclusive(glance) ? glance : verifyBothRoles(accountId, partition);',
    becomes: 'return glance;',
    caughtBy: {
      file: 'test/faults/services.test.ts',
      test: 'tries them again where the retries show, and only them',
    },
  },
  {
    name: 'plain-refusal',
    file: 'domain/verifying.ts',
    broken: 'the one activity of a discovery takes an account away at its first refusal, without a second look',
    text: ' && rolesWork(verification)',
    becomes: '',
    caughtBy: {
      file: 'test/unit/domain/verifying.test.ts',
      test: 'leaves everything else to the workflow: a role that does not work, whatever is stored',
    },
  },
  {
    name: 'active-at-first-sight',
    file: 'domain/verifying.ts',
    broken: 'an account whose node another team has written is active at once, and nothing tells that it was activated',
    text: '(record.row || dryRun) && ',
    becomes: '',
    caughtBy: {
      file: 'test/unit/domain/verifying.test.ts',
      test: 'leaves an account that is to be registered first to the workflow: its discovery is an event of its own',
    },
  },
  {
    name: 'found-by-itself',
    file: 'domain/change.ts',
    broken:
      'a discovery whose worker died does not count an account as new, or as changed, which the dead one has written',
    text: 'statusChange?.commandId === commandId ? statusChange.from : ',
    becomes: '',
    caughtBy: {
      file: 'test/unit/domain/change.test.ts',
      test: 'tells a command what it found, also once it is written, and every other one what is stored',
    },
  },
  {
    name: 'late-look',
    file: 'activities/verifyAtOnce.ts',
    broken: 'an account whose record ClickHouse told late is asked for its roles, cut off, and asked again',
    text: 'if (!known && Date.now() - begun > LIMITS.atOnceLoaded) return { record };',
    becomes: '',
    caughtBy: {
      file: 'test/unit/verifyAtOnceActivity.test.ts',
      test: 'is left to its workflow afterwards, with what was loaded and without a look that would be had again',
    },
  },
  {
    name: 'no-hurry',
    file: 'activities/verifyAtOnce.ts',
    broken: 'an account that ClickHouse keeps waiting is loaded and asked for its roles once more',
    text: 'await Promise.race([writeAccount(outcome.change), overOf(inTime)])',
    becomes: 'await Promise.race([writeAccount(outcome.change)])',
    caughtBy: { file: 'test/faults/clickhouse.test.ts', test: 'ends complete and right, with one event per account' },
  },
  {
    name: 'own-clock',
    file: 'domain/verifying.ts',
    broken:
      'a worker that was frozen while it verified an account overwrites, when it wakes up, what others wrote since',
    text: 'changeOf(record, { facts, decision }, momentOf(accountId, settings, command, now))',
    becomes: 'changeOf(record, { facts, decision }, momentOf(accountId, settings, command, Date.now()))',
    caughtBy: {
      file: 'test/unit/domain/verifying.test.ts',
      test: 'writes newer versions than those it found, by the time it is given and no other clock',
    },
  },
  {
    name: 'seen-for-nothing',
    file: 'activities/verifyAtOnce.ts',
    broken: 'every role that was seen while ClickHouse is away is asked for once more',
    text: '      return seen;\n    }\n    return { result',
    becomes: "      throw new Error('not written');\n    }\n    return { result",
    caughtBy: { file: 'test/faults/clickhouse.test.ts', test: 'ends complete and right, with one event per account' },
  },
  {
    name: 'endless-turn',
    file: 'activities/roles.ts',
    broken:
      'the first look waits for its turn at STS for as long as that takes, and holds its account and a workflow task',
    text: 'AbortSignal.any([cancellationSignal, AbortSignal.timeout(within)])',
    becomes: 'cancellationSignal',
    caughtBy: {
      file: 'test/unit/rolesActivity.test.ts',
      test: 'counts no answer within the time that it has as inconclusive, also while it waits for its turn',
    },
  },
  {
    name: 'powerful-session',
    file: 'activities/roles.ts',
    broken: 'the credentials of a verification may do all that the role may',
    text: "Effect: 'Deny'",
    becomes: "Effect: 'Allow'",
    caughtBy: {
      file: 'test/unit/rolesActivity.test.ts',
      test: 'asks for the shortest credentials that there are, and for such that may do nothing',
    },
  },

  // Discovery.
  {
    name: 'shrunk-listing',
    file: 'domain/discovery.ts',
    broken: 'a listing is believed that lacks more than half of the known accounts',
    text: 'missing > known / 2',
    becomes: 'missing > known',
    caughtBy: {
      file: 'test/unit/domain/discovery.test.ts',
      test: 'are not believed over half of the known accounts',
    },
  },
  {
    name: 'empty-listing',
    file: 'workflows/discoverAccounts.ts',
    broken: 'an empty listing is believed if its number of departures is accepted',
    text: 'listed.size === 0 || listingShrunk(',
    becomes: 'listingShrunk(',
    caughtBy: {
      file: 'test/faults/listing.test.ts',
      test: 'makes nobody depart when it is empty, whatever number is accepted',
    },
  },
  {
    name: 'broken-listing',
    file: 'workflows/discoverAccounts.ts',
    broken: 'accounts depart that a listing did not come to before it broke off',
    text: 'const believed = ended && (await',
    becomes: 'const believed = (await',
    caughtBy: {
      file: 'test/faults/listing.test.ts',
      test: 'makes nobody depart when a page fails for good, and what was listed is verified',
    },
  },
  {
    name: 'unasked-departure',
    file: 'workflows/discoverBatch.ts',
    broken: 'accounts depart that only the listing forgot, for nobody asks AWS about them',
    text: "'facts' in entry ? entry.facts : await",
    becomes: "'facts' in entry ? entry.facts : 'missing' in entry ? undefined : await",
    caughtBy: { file: 'test/faults/listing.test.ts', test: 'verifies an account that only the listing forgot' },
  },
  {
    name: 'unchecked-hub',
    file: 'workflows/discoverAccounts.ts',
    broken: "a discovery of named accounts takes Polo's own broken access for theirs",
    text: '  await checkAccess(run, request);\n  run.report(`Verifying ${',
    becomes: '  run.report(`Verifying ${',
    caughtBy: {
      file: 'test/faults/hub.test.ts',
      test: 'fails before any account is touched when every account of the sample refuses',
    },
  },
  {
    name: 'listed-twice',
    file: 'workflows/discoverAccounts.ts',
    broken: 'accounts are handled and counted twice when the listing begins anew because its token expired',
    text: 'const fresh = page.filter((account) => !listed.has(account.id));',
    becomes: 'const fresh = page;',
    caughtBy: {
      file: 'test/faults/services.test.ts',
      test: 'is complete and right although ${title}',
    },
  },
  {
    name: 'rows-for-counts',
    file: 'workflows/discoverBatch.ts',
    broken:
      'a batch answers with the rows of its accounts, and the history of a large discovery grows until Temporal ends it',
    text: 'tagsDue.push(tagsDueOf(row));',
    becomes: 'tagsDue.push({ ...row, ...tagsDueOf(row) });',
    caughtBy: { file: 'test/faults/size.test.ts', test: 'keeps the discovery itself small for every account' },
  },
  {
    name: 'complete-with-failures',
    file: 'workflows/discoverAccounts.ts',
    broken: 'a discovery calls itself complete although accounts failed',
    text: 'return believed && run.tally.failed === 0;',
    becomes: 'return believed;',
    caughtBy: {
      file: 'test/cli.test.ts',
      test: 'exits with 1 from discover where an account could not be judged, or failed, which is not complete',
    },
  },
  {
    name: 'written-dry',
    file: 'domain/verifying.ts',
    broken: 'a dry run registers new accounts',
    text: 'if (dryRun || decideByKnowledge(',
    becomes: 'if (decideByKnowledge(',
    caughtBy: {
      file: 'test/faults/accounts.test.ts',
      test: 'are told by a dry run, which writes nothing at all',
    },
  },
  {
    name: 'written-dry-at-once',
    file: 'domain/verifying.ts',
    broken: 'a dry run writes what it should only tell',
    text: 'change && !dryRun && { change }',
    becomes: 'change && { change }',
    caughtBy: {
      file: 'test/faults/accounts.test.ts',
      test: 'are told by a dry run, which writes nothing at all',
    },
  },

  // The registry.
  {
    name: 'version',
    file: 'domain/account.ts',
    broken:
      'two writes within a millisecond, or by a clock that is behind, have the same version, and the later one may lose',
    text: 'Number(previous ?? 0) + 1',
    becomes: 'Number(previous ?? 0)',
    caughtBy: {
      file: 'test/unit/domain/account.test.ts',
      test: 'raises the version at each write, however the clocks of workers differ',
    },
  },
  {
    name: 'event-id',
    file: 'domain/events.ts',
    broken: 'of the events of one command only the last one is kept',
    text: '`${commandId}/${details.kind}`',
    becomes: 'commandId',
    caughtBy: {
      file: 'test/unit/domain/change.test.ts',
      test: 'gives each event an id of its own, from command and kind',
    },
  },
  {
    name: 'event-time',
    file: 'domain/change.ts',
    broken: 'events of two commands within a millisecond have the same time, and nobody knows which status came last',
    text: 'new Date(Number(nextVersion(now, before?._version)))',
    becomes: 'new Date(now)',
    caughtBy: {
      file: 'test/unit/domain/change.test.ts',
      test: 'tells what happens later at a later time, also within the same millisecond',
    },
  },
  {
    name: 'row-first',
    file: 'registry/changes.ts',
    broken: 'a row changes whose story is lost when the worker dies between two inserts',
    text: `      await insertLines(
        database,
        EVENTS,
        changes.flatMap(({ events }) => events),
      );
      await nodes.insert(changes.map(({ node }) => node));
      await insertLines(
        database,
        ACCOUNTS,
        changes.map(({ row }) => row),
      );
`,
    becomes: `      await insertLines(
        database,
        ACCOUNTS,
        changes.map(({ row }) => row),
      );
      await nodes.insert(changes.map(({ node }) => node));
      await insertLines(
        database,
        EVENTS,
        changes.flatMap(({ events }) => events),
      );
`,
    caughtBy: {
      file: 'test/registry.test.ts',
      test: 'writes the history first and the row last, so that no row changes without its story',
    },
  },
  {
    name: 'known-node',
    file: 'registry/registry.ts',
    broken: 'a new account is registered over a node that is there already, in a version that may be older',
    text: 'if (record.row || record.node || !ifNew) return record;',
    becomes: 'if (record.row || !ifNew) return record;',
    caughtBy: {
      file: 'test/registry.test.ts',
      test: 'leaves to the caller an account of which there is a node, whose version the next one has to exceed',
    },
  },
  {
    name: 'earlier-versions',
    file: 'registry/selection.ts',
    broken: 'a collector runs twice on an account while ClickHouse still keeps an earlier version of its row',
    text: `AS scan_ms
     FROM \${database.name}.aws_accounts FINAL`,
    becomes: `AS scan_ms
     FROM \${database.name}.aws_accounts`,
    caughtBy: {
      file: 'test/registryVersions.test.ts',
      test: 'means each account once where it is collected from or onboarded',
    },
  },
  {
    name: 'inserts',
    file: 'registry/coalesce.ts',
    broken: 'inserts leave as fast as ClickHouse answers, and its parts pile up',
    text: 'if (pause > 0) await sleep(pause);',
    becomes: '',
    caughtBy: {
      file: 'test/unit/coalesce.test.ts',
      test: 'lets a pause pass before the next batch, for others to join, and none before a lone item after it',
    },
  },
  {
    name: 'unknown-column',
    file: 'registry/shape.ts',
    broken: "a worker starts on a table with somebody else's columns, and every write wipes them",
    text: 'return [...wrong, ...extra];',
    becomes: 'return wrong;',
    caughtBy: { file: 'test/registryShape.test.ts', test: 'lists every difference at once and alters nothing' },
  },

  // Onboarding.
  {
    name: 'other-accounts',
    file: 'activities/stackSets.ts',
    broken: 'an onboarding deploys to the whole organization',
    text: "AccountFilterType: 'INTERSECTION',",
    becomes: "AccountFilterType: 'UNION',",
    caughtBy: {
      file: 'test/onboarding.test.ts',
      test: 'makes a pending account active by one operation that is for this account alone',
    },
  },
  {
    name: 'second-operation',
    file: 'workflows/deployRoles.ts',
    broken: "an onboarding starts an operation of its own beside somebody else's on the account",
    text: 'if (!isUnderWay(instance)) return { instance };',
    becomes: "if (instance.status !== '') return { instance };",
    caughtBy: {
      file: 'test/faults/onboardingCrashes.test.ts',
      test: 'joins an operation that is ${state} on the account, and starts none',
    },
  },
  {
    name: 'operation-alone',
    file: 'workflows/awaitDeployment.ts',
    broken: 'an onboarding fails when the operation has ended and CloudFormation does not show its work at once',
    text: 'isUnconfirmed(seen, operationId) && lateLooks-- > 0;',
    becomes: 'isUnconfirmed(seen, operationId) && lateLooks-- > LATE_LOOKS;',
    caughtBy: {
      file: 'test/faults/onboardingCrashes.test.ts',
      test: 'looks again at an account that does not show yet what its operation has done',
    },
  },
  {
    name: 'on-suspicion',
    file: 'workflows/onboardAccount.ts',
    broken: 'an active account gets a deployment because STS does not answer',
    text: '    refuseUnlessJudged(run, before);\n',
    becomes: "    if (before.from === '') refuseUnlessJudged(run, before);\n",
    caughtBy: {
      file: 'test/faults/onboardingRoles.test.ts',
      test: 'starts no operation on an active account that cannot be judged now',
    },
  },

  // Collection.
  {
    name: 'killed-collectors',
    file: 'workflows/collectAccount.ts',
    broken: 'whoever terminates a collection kills its collectors, in the middle of what they do',
    text: 'ParentClosePolicy.REQUEST_CANCEL',
    becomes: 'ParentClosePolicy.TERMINATE',
    caughtBy: {
      file: 'test/collectionStops.test.ts',
      test: 'that is terminated asks its collectors to stop as well, and gives them the time that they need',
    },
  },
  {
    name: 'old-list',
    file: 'domain/collection.ts',
    broken: 'a collection calls itself complete by a list of accounts that is days old',
    text: 'allMatched && listIsFresh(accountsAsOf, Date.parse(startedAt))',
    becomes: 'allMatched',
    caughtBy: {
      file: 'test/unit/domain/collection.test.ts',
      test: 'and not from a list of accounts that is older than 26 hours at the start, or of no time at all',
    },
  },
  {
    name: 'unreadable-result',
    file: 'worker/payloadConverter.ts',
    broken: 'a payload that Polo cannot read holds up its workflow for ever',
    text: '    } catch {\n',
    becomes: '    } catch (error) {\n      if (payload.data) throw error;\n',
    caughtBy: {
      file: 'test/inputs.test.ts',
      test: 'fails at once for an input that it cannot read, such as an encrypted one',
    },
  },

  // What people are told.
  {
    name: 'late-scan',
    file: 'domain/coverage.ts',
    broken: 'an account counts as covered two hours after its scan is too old',
    text: 'export const SCAN_VALID = DAY;',
    becomes: 'export const SCAN_VALID = 26 * HOUR;',
    caughtBy: {
      file: 'test/unit/domain/coverage.test.ts',
      test: 'is none at 24 hours sharp, and stale a millisecond later',
    },
  },
  {
    name: 'excluded-alarm',
    file: 'domain/coverage.ts',
    broken: 'accounts that somebody has excluded on purpose are counted among those to be covered',
    text: 'const total = known - accountsByStatus.excluded;',
    becomes: 'const total = known;',
    caughtBy: {
      file: 'test/unit/domain/coverage.test.ts',
      test: 'is ok when every account that counts is covered',
    },
  },
  {
    name: 'told-again',
    file: 'workflows/reportCoverage.ts',
    broken: 'Slack is told of the same gaps every hour',
    text: '  for (const page of told) await registry.recordTold(page, by);\n',
    becomes: '  for (const page of told.slice(0, 0)) await registry.recordTold(page, by);\n',
    caughtBy: {
      file: 'test/faults/reports.test.ts',
      test: 'says nothing while nothing changes, however often it runs',
    },
  },
  {
    name: 'raw-name',
    file: 'page/gaps.tsx',
    broken: 'what AWS or a collector says of an account runs as HTML in the browser of whoever looks at the page',
    text: '<bdi>{briefReason(gap.last_scan_error)}</bdi>',
    becomes: '<bdi dangerouslySetInnerHTML={{ __html: briefReason(gap.last_scan_error) }} />',
    caughtBy: { file: 'test/unit/page.test.ts', test: 'is text, for an account that is ${polo_status}' },
  },
  {
    name: 'any-token',
    file: 'worker/statusServer.ts',
    broken: 'the page lets everybody in who shows any token at all',
    text: '!mayEnter(request.headers.authorization, token)',
    becomes: 'request.headers.authorization === undefined',
    caughtBy: {
      file: 'test/unit/statusServer.test.ts',
      test: 'asks for the token, if there is one, on every path but those that tell nothing',
    },
  },
  {
    name: 'any-host',
    file: 'worker/statusAccess.ts',
    broken: "another web page can read the page, by a name of its own that leads to the worker's address",
    text: 'return [...own, ...hosts].includes(withPort) ||',
    becomes: "return host !== '' || [...own, ...hosts].includes(withPort) ||",
    caughtBy: { file: 'test/unit/statusServer.test.ts', test: 'answers to its own names only' },
  },
  {
    name: 'exit-code',
    file: 'client/discovery.ts',
    broken: 'discover exits with 0 although accounts could not be judged',
    text: ' && inconclusive === 0;',
    becomes: ' && inconclusive >= 0;',
    caughtBy: {
      file: 'test/cli.test.ts',
      test: 'exits with 1 from discover where an account could not be judged, or failed, which is not complete',
    },
  },
  {
    name: 'mild-doctor',
    file: 'domain/doctor.ts',
    broken: 'the doctor warns, and exits with 0, where the read role is refused',
    text: 'const verdict = readWorks ? warning : failure;',
    becomes: 'const verdict = warning;',
    caughtBy: {
      file: 'test/unit/domain/doctor.test.ts',
      test: 'has a next step and a place in the runbooks for every ${status}',
    },
  },

  // Configuration, schedules, secrets, and what the tests stand on.
  {
    name: 'first-problem',
    file: 'configuration.ts',
    broken: "problems of Temporal's settings are told only when all others are mended",
    text: "    ...(typeof temporal === 'string' ? [temporal] : []),\n",
    becomes: "    ...(parsed.success && typeof temporal === 'string' ? [temporal] : []),\n",
    caughtBy: { file: 'test/unit/configuration.test.ts', test: 'reports all problems at once' },
  },
  {
    name: 'shown-webhook',
    file: 'variables.ts',
    broken: "a mistake in Slack's webhook is told with the webhook, which is a secret",
    text: "  'SLACK_WEBHOOK_URL',\n  'POLO_HEARTBEAT_URL',\n]);",
    becomes: "  'POLO_HEARTBEAT_URL',\n]);",
    caughtBy: { file: 'test/unit/configuration.test.ts', test: 'never echoes a secret' },
  },
  {
    name: 'shown-external-id',
    file: 'activities/awsErrors.ts',
    broken: 'the external id is hidden once where AWS repeats it twice',
    text: "told.replaceAll(externalId, '(external id)')",
    becomes: "told.replace(externalId, '(external id)')",
    caughtBy: {
      file: 'test/unit/awsErrors.test.ts',
      test: 'is passed on without the external id, however often AWS repeats it',
    },
  },
  {
    name: 'shown-request',
    file: 'activities/awsErrors.ts',
    broken: 'an error of credentials is passed on with the signed request that AWS repeats in it',
    text: 'if (HUB_CREDENTIALS.has(name)) return `',
    becomes: "if (HUB_CREDENTIALS.has(name) && name.startsWith('Expired')) return `",
    caughtBy: {
      file: 'test/unit/awsErrors.test.ts',
      test: 'is left out where it is about credentials: AWS repeats the signed request',
    },
  },
  {
    name: 'kept-credentials',
    file: 'activities/roles.ts',
    broken: 'the credentials that a verification got stay in the history of the workflow that asked for it',
    text: `      await pace.add(
        () => sts.send(command, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]) }),
        { signal },
      );
      return { outcome: 'works' };
`,
    becomes: `      const answer = await pace.add(
        () => sts.send(command, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]) }),
        { signal },
      );
      return { ...{ credentials: answer.Credentials }, outcome: 'works' };
`,
    caughtBy: {
      file: 'test/faults/secrets.test.ts',
      test: 'are in no history of a workflow, failed ones included',
    },
  },
  {
    name: 'stored-request',
    file: 'activities/roles.ts',
    broken: 'what AWS repeats of a signed request stands in the row of the account',
    text: 'message: words.ofError(error) };',
    becomes: 'message: String(error) };',
    caughtBy: { file: 'test/faults/secrets.test.ts', test: 'are in no table' },
  },
  {
    name: 'logged-configuration',
    file: 'worker/main.ts',
    broken: 'a worker logs its configuration when it starts, password and external id included',
    text: "log('info', 'worker started', {",
    becomes: "log('info', 'worker started', {\n    configuration,",
    caughtBy: { file: 'test/faults/secrets.test.ts', test: 'are in no log of a worker' },
  },
  {
    name: 'shown-password',
    file: 'registry/errors.ts',
    broken: "ClickHouse's password is passed on where ClickHouse repeats it",
    text: "raw.replaceAll(secret, '***')",
    becomes: 'raw',
    caughtBy: { file: 'test/registryFailures.test.ts', test: 'names what is wrong and never the password' },
  },
  {
    name: 'unpaused',
    file: 'worker/schedules.ts',
    broken: 'the next start of a worker ends the pause of a schedule',
    text: 'state: previous.state,',
    becomes: 'state: { ...previous.state, paused: false },',
    caughtBy: {
      file: 'test/cli.test.ts',
      test: 'lists the schedules with their next runs, and applying them again keeps a pause',
    },
  },
  {
    name: 'forgotten-state',
    file: 'worker/schedules.ts',
    broken: 'the next start of a worker takes pause and note away from every schedule',
    text: 'state: previous.state,',
    becomes: 'state: {},',
    caughtBy: {
      file: 'test/faults/schedules.test.ts',
      test: 'stay paused, with their notes, through ten more starts',
    },
  },
  {
    name: 'lax-sandbox',
    file: 'sandbox/stsApi.ts',
    broken:
      'the simulated AWS lets in who does not know the external id, and no test would notice that Polo forgets it',
    text: 'if (demanded !== undefined && demanded !== externalId) return false;',
    becomes: 'if (demanded !== undefined && externalId === undefined) return false;',
    caughtBy: { file: 'test/sandboxRoles.test.ts', test: 'demands the external id of the sandbox, or of the account' },
  },
  {
    name: 'other-order',
    file: 'workflows/readRegistry.ts',
    broken: 'a workflow issues other commands than runs that are under way have issued, which then stand still',
    text: '      await readSettings();\n      return registryNow.readCoverage(page);',
    becomes: '      return registryNow.readCoverage(page);',
    caughtBy: { file: 'test/replay.test.ts', test: 'fit the workflows of the build' },
  },
  {
    name: 'cancelled-child',
    file: 'workflows/failures.ts',
    broken: 'who cancels one onboarding of several ends them all',
    text: 'CancellationScope.current().consideredCancelled',
    becomes: 'CancellationScope.current() !== undefined',
    caughtBy: {
      file: 'test/faults/onboardingCancelled.test.ts',
      test: 'as one of several, by itself, is named as cancelled, and the others go on',
    },
  },
  {
    name: 'act-twice',
    file: 'domain/change.ts',
    broken: 'an exclusion whose sender tried again undoes an inclusion that came in between',
    text: 'acts.some((act) => act.commandId === commandId',
    becomes: "acts.some((act) => act.commandId === ''",
    caughtBy: {
      file: 'test/faults/accountCommands.test.ts',
      test: 'keeps an inclusion that came after the exclusion, and an exclusion after the inclusion',
    },
  },
  {
    name: 'session-name',
    file: 'activities/awsErrors.ts',
    broken: 'a restarted worker changes every account that refuses a role',
    text: "said.replace(SESSION, '$1')",
    becomes: "said.replace(SESSION, '$&')",
    caughtBy: {
      file: 'test/unit/awsErrors.test.ts',
      test: 'is the same whichever of our sessions AWS refused, so that a restart changes no account',
    },
  },
  {
    name: 'lost-parents',
    file: 'workflows/listOrganization.ts',
    broken: 'organizational units are lost where one level has more of them than a call is given',
    text: 'from += PARENTS_PER_CALL',
    becomes: 'from += 2 * PARENTS_PER_CALL',
    caughtBy: {
      file: 'test/faults/hierarchy.test.ts',
      test: 'has every unit, where one level has more of them than a call is given',
    },
  },
  {
    name: 'unknown-place',
    file: 'workflows/accountFacts.ts',
    broken: 'an account is moved to / where the table of another team has no paths',
    text: "node.node_type === 'organization' ? [] : node.path",
    becomes: 'node.path ?? []',
    caughtBy: {
      file: 'test/faults/hierarchy.test.ts',
      test: 'leaves each account in its unit when that account alone is verified',
    },
  },
  {
    name: 'refused-credentials',
    file: 'worker/connect.ts',
    broken: 'a worker whose key has expired tries on for a minute, and then names the address',
    text: 'REFUSALS.includes(cause.code)',
    becomes: 'REFUSALS.includes(0)',
    caughtBy: {
      file: 'test/worker.test.ts',
      test: 'exits with 2 when Temporal refuses its credentials, and says which are meant',
    },
  },
];
