/** How the worker reads what others send: JSON, and of anything else that it is something else. */
import {
  defaultPayloadConverter,
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadConverter,
} from '@temporalio/common';

/**
 * The SDK's converter, but a payload that it can't read (a protobuf message, one encrypted by a codec) is told as
 * `{ unreadable: <encoding> }`. The SDK's own would fail the workflow task, which Temporal repeats for ever: one collector's
 * result would hold up a whole collection. An input like that is refused as any other unknown field.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the SDK's own signature
  fromPayload: <T>(payload: Payload): T => {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch {
      const encoding = payload.metadata?.[METADATA_ENCODING_KEY];
      return { unreadable: encoding ? new TextDecoder().decode(encoding) : 'no encoding' } as T;
    }
  },
};
