/** A cloud in a process of its own, for tests that kill it: `cloud-process.ts <state file> <scale>` prints its URL. */
import { startCloud } from '../../../local/openstack/cloud.ts';

const [statePath = '', scale = '1'] = process.argv.slice(2);
const cloud = await startCloud({ scale: Number(scale), statePath });
console.log(cloud.authUrl);
