/** Within a machine: takes connections to addresses that lead to the cloud, and hands them to the parent outside. */
import { createServer } from 'node:net';

process.on('disconnect', () => process.exit(0));
process.on('message', ({ places }: { places: { address: string; port: number }[] }) => {
  for (const { address, port } of places) {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => { process.send?.({ address, port }, socket); });
    server.on('error', (error) => process.stderr.write(`${error.message}\n`));
    server.listen(port, address);
  }
});
process.send?.('here');
