/** Structured logs: one JSON object a line, with the operation's id wherever there is one. Never a secret. */
import { Logger } from '@aws-lambda-powertools/logger';

export const logger = new Logger({ serviceName: 'moorage' });
