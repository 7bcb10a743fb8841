import { expect, it } from 'vitest';
import { imagesOf, supportedMinors } from '../../../layers/kubernetes/images.ts';
import { minorOf } from '../../../layers/kubernetes/spec.ts';
import { goPrograms, kubernetesVersions, programsOf } from '../../../local/kube-build/go-modules.ts';
import { imageSources } from '../../../local/kube-build/images.ts';

it('builds a version of every minor that clusters can have, and of no other', () => {
  expect(kubernetesVersions.map(minorOf).sort()).toEqual([...supportedMinors].sort());
});

it.each(kubernetesVersions)('makes every image that a cluster of %s asks for, except Cilium\'s', (version) => {
  const made = new Set(imageSources().map(({ name }) => name));
  const wanted = Object.values(imagesOf(version)).filter((name) => !name.includes('/cilium/'));
  expect(wanted.filter((name) => !made.has(name))).toEqual([]);
});

it('puts nothing into an image of one version that was built for another', () => {
  for (const version of kubernetesVersions) {
    const folders = programsOf(version).map(({ name }) => name);
    const names = new Set(Object.values(imagesOf(version)));
    for (const { name, programs } of imageSources().filter((source) => names.has(source.name))) {
      for (const { from, program } of Object.values(programs)) {
        expect(folders, `${program} of ${name}`).toContain(from);
      }
    }
  }
});

it('names each image and each module once, and makes every program and file that an image holds', () => {
  const names = imageSources().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const modules = goPrograms();
  expect(new Set(modules.map(({ name }) => name)).size).toBe(modules.length);
  for (const { programs } of imageSources()) {
    for (const { from, program } of Object.values(programs)) {
      const { packages, files = {} } = modules.find(({ name }) => name === from)!;
      expect([...Object.values(packages), ...Object.values(files)]).toContain(program);
    }
  }
});

it.each(kubernetesVersions)('keeps what runs beside Kubernetes %s within a minor of it', (version) => {
  const { cloudController, cinderCsi } = imagesOf(version);
  for (const image of [cloudController, cinderCsi]) {
    expect(Math.abs(minorOf(image.slice(image.lastIndexOf(':') + 1)) - minorOf(version))).toBeLessThanOrEqual(1);
  }
});
