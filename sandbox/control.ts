/** The control interface: JSON requests that look at the sandbox and change it while it runs. */
import type { ServerResponse } from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { accountChangeSchema, changeAccount, createAccount, newAccountSchema } from './accountControl.ts';
import { readCalls, resetCalls } from './calls.ts';
import { ControlError, readBody } from './controlRequest.ts';
import { faultsSchema, replaceFaults } from './faults.ts';
import { ROLLOUT_ID } from './generation.ts';
import { changeOperation, createOperation, newOperationSchema, operationChangeSchema } from './operationControl.ts';
import { deleteUnit } from './organization.ts';
import type { SandboxAccount, SandboxUnit } from './organization.ts';
import type { Sandbox } from './sandbox.ts';
import { changeSettings, settingsSchema } from './settingsControl.ts';
import { changeUnitAsTold, findUnit, unitChangeSchema } from './unitControl.ts';
import { showAccount, showOperation, showSettings, showUnit } from './views.ts';

/** Where control requests begin; everything else is AWS's. */
export const CONTROL_PREFIX = '/_sandbox';

/** How many of the latest calls `GET /_sandbox/calls` tells unless `recent` says otherwise. */
const RECENT_CALLS = 1000;

/** A control request; `rest` are the decoded parts of its path after the route's own. */
interface ControlRequest {
  rest: string[];
  query: URLSearchParams;
  body: string;
}

/** An answer; its body may come in pieces, so that 50,000 accounts don't hold up other calls. */
interface ControlReply {
  status: number;
  body: Iterable<string>;
}

type Route = (sandbox: Sandbox, request: ControlRequest) => ControlReply;

const json = (value: object, status = 200): ControlReply => ({ status, body: [JSON.stringify(value)] });

function* writeList<T>(items: Iterable<T>, show: (item: T) => object): Iterable<string> {
  let separator = '[';
  for (const item of items) {
    yield separator + JSON.stringify(show(item));
    separator = ',\n';
  }
  yield separator === '[' ? '[]' : ']';
}

const findAccount = (sandbox: Sandbox, [id = '']: string[]): SandboxAccount => {
  const account = sandbox.organization.accountsById.get(id);
  if (account) return account;
  throw new ControlError(404, `there is no account ${id}`);
};

const findUnitOf = ({ organization }: Sandbox, rest: string[]): SandboxUnit =>
  findUnit(organization, rest.length === 1 && organization.units.has(rest[0] ?? '') ? (rest[0] ?? '') : rest);

const readRecent = (query: URLSearchParams): number => {
  const recent = Number(query.get('recent') ?? RECENT_CALLS);
  if (Number.isInteger(recent) && recent >= 0) return recent;
  throw new ControlError(400, 'recent must be a number of calls');
};

const ROUTES: Record<string, Route> = {
  'GET accounts': (sandbox) => {
    const show = (account: SandboxAccount): object => showAccount(sandbox, account);
    return { status: 200, body: writeList(sandbox.organization.accounts, show) };
  },
  'GET accounts/*': (sandbox, { rest }) => json(showAccount(sandbox, findAccount(sandbox, rest))),
  'POST accounts': (sandbox, { body }) =>
    json(showAccount(sandbox, createAccount(sandbox, readBody(newAccountSchema, body))), 201),
  'PATCH accounts/*': (sandbox, { rest, body }) => {
    const account = findAccount(sandbox, rest);
    changeAccount(sandbox, account, readBody(accountChangeSchema, body));
    return json(showAccount(sandbox, account));
  },
  'GET ous': (sandbox) => json([...sandbox.organization.units.values()].map(showUnit)),
  'PATCH ous/*': (sandbox, { rest, body }) => {
    const unit = findUnitOf(sandbox, rest);
    changeUnitAsTold(sandbox.organization, unit, readBody(unitChangeSchema, body));
    return json(showUnit(unit));
  },
  'DELETE ous/*': (sandbox, { rest }) => {
    const refusal = deleteUnit(sandbox.organization, findUnitOf(sandbox, rest));
    if (refusal !== undefined) throw new ControlError(400, refusal);
    return json({});
  },
  'GET settings': (sandbox) => json(showSettings(sandbox)),
  'PATCH settings': (sandbox, { body }) => {
    changeSettings(sandbox, readBody(settingsSchema, body));
    return json(showSettings(sandbox));
  },
  // All but the first roll-out, whose results would be the whole organization.
  'GET operations': ({ stackSet }) => {
    const operations = [...stackSet.operations.values()].filter(({ id }) => id !== ROLLOUT_ID);
    return { status: 200, body: writeList(operations, showOperation) };
  },
  'POST operations': (sandbox, { body }) =>
    json({ operationId: createOperation(sandbox, readBody(newOperationSchema, body)).id }, 201),
  'PATCH operations/*': (sandbox, { rest: [id = ''], body }) =>
    json(showOperation(changeOperation(sandbox, id, readBody(operationChangeSchema, body)))),
  'GET faults': ({ faults }) => json({ ...faults, random: undefined }),
  'PUT faults': (sandbox, { body }) => {
    const faults = readBody(faultsSchema, body);
    sandbox.faults = replaceFaults(faults, sandbox.seed);
    return json(faults);
  },
  'GET calls': (sandbox, { query }) => json(readCalls(sandbox.calls, readRecent(query))),
  'DELETE calls': (sandbox) => {
    resetCalls(sandbox.calls);
    return json({});
  },
};

const route = (sandbox: Sandbox, method: string, url: URL, body: string): ControlReply => {
  const [resource = '', ...rest] = decodePath(url.pathname.slice(CONTROL_PREFIX.length + 1));
  const pattern = rest.length > 0 ? `${resource}/*` : resource;
  const found = ROUTES[`${method} ${pattern}`];
  if (found) return found(sandbox, { rest, query: url.searchParams, body });
  const methods = Object.keys(ROUTES).flatMap((key) => (key.endsWith(` ${pattern}`) ? [key.split(' ')[0]] : []));
  if (methods.length > 0) throw new ControlError(405, `${method} isn't possible here, only ${methods.join(', ')}`);
  const known = Object.keys(ROUTES).map((key) => key.replace(' ', ` ${CONTROL_PREFIX}/`));
  throw new ControlError(404, `there is no ${url.pathname}; there is ${known.join(', ')}`);
};

const decodePath = (path: string): string[] => {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new ControlError(400, 'the path is badly encoded');
  }
};

const attempt = (sandbox: Sandbox, method: string, path: string, body: string): ControlReply => {
  try {
    return route(sandbox, method, new URL(path, 'http://sandbox'), body);
  } catch (error) {
    if (error instanceof ControlError) return json({ message: error.message }, error.status);
    throw error;
  }
};

/** Answers a control request; `path` is all of its URL after the host. */
export const control = (
  sandbox: Sandbox,
  method: string,
  path: string,
  body: string,
  response: ServerResponse,
): void => {
  const reply = attempt(sandbox, method, path, body);
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8' });
  pipeline(Readable.from(reply.body), response, () => undefined);
};
