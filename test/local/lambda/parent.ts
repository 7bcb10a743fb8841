/** The parent that is killed: starts the functions, and says as which process. */
import { startFunctions } from '../../../local/lambda/start.ts';

const { pid } = await startFunctions({ dataDir: process.argv[2]!, env: { OS_AUTH_URL: 'http://127.0.0.1:9/v3', OS_PASSWORD: 'none', EXTERNAL_NETWORK: 'public' }, log: () => undefined });
process.send!(pid);
