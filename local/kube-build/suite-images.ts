/** What the conformance suite of the newest version runs in the cluster, under the names in its own table. */
import { endToEnd, kubernetesVersions } from './go-modules.ts';
import { busybox, moduleOf, type ImageSource } from './image-source.ts';

const suite = 'registry.k8s.io/e2e-test-images';
const ofSuite = (program: string) => ({ from: endToEnd(kubernetesVersions[0]!).name, program });
const users = 'root:x:0:0:root:/root:/bin/sh\nuser-defined-in-image:x:1000:1000::/:/bin/sh\n';
const groups = 'root:x:0:\nuser-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n';

/** Where tests want no more than some web server: busybox's, with the folder that they look into. */
const webServer = (name: string, folder: string): ImageSource => busybox(`${suite}/${name}`, {
  texts: { [`${folder}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n' },
  cmd: ['httpd', '-f', '-p', '80', '-h', folder],
});

export const suiteImages: ImageSource[] = [
  {
    name: `${suite}/agnhost:2.56`, base: 'test-tools', entrypoint: ['/agnhost'], cmd: ['pause'], open: ['/uploads'],
    programs: {
      '/agnhost': ofSuite('agnhost'), '/localhost.crt': ofSuite('localhost.crt'), '/localhost.key': ofSuite('localhost.key'),
      '/coredns': { from: moduleOf('coredns', kubernetesVersions[0]!), program: 'coredns' },
    },
    links: { '/agnhost-2': '/agnhost', '/usr/bin/nc': '/bin/nc.openbsd' }, texts: { '/etc/passwd': users, '/etc/group': groups },
  },
  { name: `${suite}/jessie-dnsutils:1.7`, base: 'test-tools', programs: {}, cmd: ['bash'] },
  // Debian's busybox is older than the suite's: its shell, /bin/sh still, hands on no variable with a name that shells do not have.
  busybox(`${suite}/busybox:1.37.0-1`, { files: { '/bin/busybox': '/bin/busybox', '/usr/bin/sh': '/bin/bash-static' } }),
  // Asked for what it shows, never for the picture.
  busybox(`${suite}/nautilus:1.7`, { texts: { '/www/data.json': '{"image": "nautilus.jpg"}\n' }, cmd: ['httpd', '-f', '-p', '80', '-h', '/www'] }),
  webServer('httpd:2.4.38-4', '/usr/local/apache2/htdocs'),
  webServer('httpd:2.4.39-4', '/usr/local/apache2/htdocs'),
  webServer('nginx:1.14-4', '/usr/share/nginx/html'),
  webServer('nginx:1.15-4', '/usr/share/nginx/html'),
];
