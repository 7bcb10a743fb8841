/** The document that describes this API. */
import { open } from '../../layers/http/open.ts';
import document from '../../schemas/generated/openapi.json' with { type: 'json' };

export const handler = open(async () => document);
