/** The document that describes this API. */
import { open } from '../../layers/http/endpoint.ts';
import document from '../../schemas/generated/openapi.json' with { type: 'json' };

export const handler = open(async () => document);
