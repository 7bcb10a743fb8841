/** Prints the files of the container images that a cluster of the version given runs, and of one for users' pods. */
import { existsSync } from 'node:fs';
import { imagesOf } from '../../../layers/kubernetes/images.ts';
import { imagePath } from '../../../local/kube-build/build-image.ts';

const version = process.argv[2]!;
const names = [...Object.values(imagesOf(version)).filter((name) => !name.includes('/cilium/')), 'registry.k8s.io/pause:3.10.1', 'docker.io/library/busybox:1.35'];
const missing = names.filter((name) => !existsSync(imagePath(name)));
if (missing.length > 0) {
  console.error(`Not made yet: ${missing.join(', ')}. Run npm run kube:build.`);
  process.exit(1);
}
console.log(names.map(imagePath).join('\n'));
