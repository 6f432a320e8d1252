/**
 * AWS's wire protocols as the SDK speaks them: JSON 1.1 for Organizations, query with XML answers for STS and
 * CloudFormation.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** The services that the sandbox plays. */
export const SERVICES = ['organizations', 'sts', 'cloudformation'] as const;
export type Service = (typeof SERVICES)[number];

/** A call as it came in; `input` is flat for query (`Filters.member.1.Name`), an object for JSON. */
export interface AwsCall {
  service: Service;
  operation: string;
  input: Record<string, unknown>;
  /** Empty without a signature. */
  accessKeyId: string;
  sessionToken: string;
  region: string;
}

/** An HTTP answer. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An error that AWS would answer with: its exact name, HTTP status and message. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, string>;

  constructor(code: string, status: number, message: string, details: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

const ORGANIZATIONS_TARGET = 'AWSOrganizationsV20161128.';
const QUERY_VERSIONS: Record<string, Service> = { '2011-06-15': 'sts', '2010-05-15': 'cloudformation' };
const NAMESPACES: Record<string, string> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  cloudformation: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
};

const header = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '');

/** The call that a request means; undefined if it is none of the three services'. */
export const readCall = (headers: IncomingHttpHeaders, body: string): AwsCall | undefined => {
  const [, accessKeyId = '', region = ''] =
    /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\//.exec(header(headers, 'authorization')) ?? [];
  const signature = { accessKeyId, region, sessionToken: header(headers, 'x-amz-security-token') };
  const target = header(headers, 'x-amz-target');
  if (target.startsWith(ORGANIZATIONS_TARGET)) {
    const operation = target.slice(ORGANIZATIONS_TARGET.length);
    return { service: 'organizations', operation, input: parseJson(body), ...signature };
  }
  const { Action: operation, Version: version = '', ...input } = Object.fromEntries(new URLSearchParams(body));
  const service = QUERY_VERSIONS[version];
  return service && operation ? { service, operation, input, ...signature } : undefined;
};

const parseJson = (body: string): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // falls through to the error that AWS has for both
  }
  throw new AwsError('SerializationException', 400, 'The request body is not a JSON object.');
};

/** A parameter as text; undefined if it isn't given. */
export const text = (call: AwsCall, name: string): string | undefined => {
  const value = call.input[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new AwsError('SerializationException', 400, `${name} must be a string.`);
};

/** A parameter as a number; undefined if it isn't given, NaN if it is none. */
export const number = (call: AwsCall, name: string): number | undefined => {
  const value = call.input[name];
  return value === undefined || value === null ? undefined : Number(value);
};

/** The elements of a list in a query call: `Regions.member.1`, `Regions.member.2` and so on. */
export const members = (call: AwsCall, name: string): string[] => {
  const found: string[] = [];
  for (;;) {
    const value = text(call, `${name}.member.${found.length + 1}`);
    if (value === undefined) return found;
    found.push(value);
  }
};

/** The answer to a call that went well. */
export const encodeResult = (call: AwsCall, result: object, requestId: string): Reply => {
  if (call.service === 'organizations') return jsonReply(200, result, requestId);
  const { operation } = call;
  return xmlReply(call.service, 200, requestId, {
    [`${operation}Response`]: { [`${operation}Result`]: result, ResponseMetadata: { RequestId: requestId } },
  });
};

/** The answer to a call that failed. */
export const encodeError = (service: Service, error: AwsError, requestId: string): Reply => {
  const { code, message, status, details } = error;
  if (service === 'organizations') return jsonReply(status, { __type: code, Message: message, ...details }, requestId);
  const fault = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message, ...details };
  return xmlReply(service, status, requestId, { ErrorResponse: { Error: fault, RequestId: requestId } });
};

const jsonReply = (status: number, content: object, requestId: string): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
  body: JSON.stringify(content),
});

const xmlReply = (service: Service, status: number, requestId: string, content: Record<string, unknown>): Reply => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body: xml(content).replace('>', ` xmlns="${NAMESPACES[service]}">`),
});

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const xml = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join('');
  if (typeof value !== 'object' || value === null)
    return String(value).replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `<${name}>${xml(item)}</${name}>`)
    .join('');
};
