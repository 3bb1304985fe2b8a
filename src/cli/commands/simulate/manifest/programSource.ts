import { Failure } from '../../../../errors.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { version } from '../../../terminal/version.ts';
import type { ProgramSource } from './pod.ts';
import { dockerfile, nodeImage } from './recipe.ts';

/** Returns where the pods get the program, by `--image` and `--package`. Throws a usage `Failure`. */
export function programSource(flags: { readonly image?: string; readonly package?: string }): ProgramSource {
  const { image, package: pack } = flags;
  if (image !== undefined && !/^\w[\w.:/@-]*$/.test(image))
    throw new Failure('usage', `--image '${cutText(image)}' is no name of an image`, {
      hint: 'Write it as kubectl takes it: registry.example.com/devicehive:1.0.',
    });
  if (pack !== undefined) return { kind: 'package', image: image ?? nodeImage, spec: packageSpec(pack) };
  if (image !== undefined) return { kind: 'image', image };
  throw new Failure(
    'usage',
    '--manifest needs --image or --package: devicehive-cli is not on the npm registry yet, so that a pod cannot fetch it by its name',
    {
      hint: `Give --image, an image that has it (${dockerfile(version()).join('; ')}), or --package, which npm installs in an init container: the URL of a tarball, a tarball in the image, or a version once it is published.`,
    },
  );
}

/** Returns the argument of `npm install`: a version of this package, a URL, or a tarball in the image. */
function packageSpec(text: string): string {
  if (/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(text)) return `devicehive-cli@${text}`;
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return withoutLogin(text);
  if (/\.(tgz|tar\.gz)$/.test(text) && !/\s|^[a-z]+:/.test(text)) return text.startsWith('/') ? text : `./${text}`;
  throw new Failure('usage', `--package '${cutText(text)}' is neither a version nor a URL nor a tarball`, {
    hint: `Write ${version()}, https://host/devicehive-cli-${version()}.tgz, or the path of a .tgz in the image.`,
  });
}

function withoutLogin(url: string): string {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return url;
  throw new Failure('usage', '--package: the URL holds a login, which everyone could read in the YAML', {
    hint: 'Serve the tarball to the cluster without one, or build an image.',
  });
}
