/** Task queue of the fan-outs' worker. */
export const FAN_OUT_QUEUE = 'fan-out';
