import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateOptions {
  /** "IP:10.0.0.5", "DNS:host1"; for servers. */
  san?: string;
  usage?: 'clientAuth' | 'serverAuth';
  /** Days from now; yesterday to in two days when not given. */
  from?: number;
  until?: number;
  /** Encrypts the key: in the form of PKCS#8, or in OpenSSL's old one. */
  passphrase?: string;
  oldForm?: boolean;
  /** Signed by its own key and by no CA. */
  selfSigned?: boolean;
}

/** A certificate and its key, as paths. */
export interface Issued {
  cert: string;
  key: string;
}

/** A CA of a test's own, made with openssl in a folder of its own. */
export class TestCa {
  readonly file: string;
  private readonly dir: string;
  private count = 0;

  constructor(parent: string, name: string) {
    this.dir = join(parent, name);
    mkdirSync(this.dir);
    this.file = join(this.dir, 'ca.pem');
    writeFileSync(join(this.dir, 'index.txt'), '');
    writeFileSync(join(this.dir, 'ca.cnf'), this.configuration());
    this.openssl('req', '-x509', ...newKey, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', `/CN=${name}`);
  }

  issue(name: string, options: CertificateOptions = {}): Issued {
    const base = `${name}-${(this.count += 1)}`;
    const { san, usage = 'clientAuth', from = -1, until = 2 } = options;
    writeFileSync(
      join(this.dir, `${base}.ext`),
      `extendedKeyUsage=${usage}\n${san === undefined ? '' : `subjectAltName=${san}\n`}`,
    );
    this.openssl('req', ...newKey, '-keyout', `${base}-key.pem`, '-out', `${base}.csr`, '-subj', `/CN=${name}`);
    const dates = ['-startdate', inDays(from), '-enddate', inDays(until)];
    const files = ['-in', `${base}.csr`, '-out', `${base}.pem`, '-extfile', `${base}.ext`];
    const own = options.selfSigned ? ['-selfsign', '-keyfile', `${base}-key.pem`] : [];
    this.openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', ...own, ...files, ...dates);
    if (options.passphrase !== undefined) this.encrypt(`${base}-key.pem`, options.passphrase, options.oldForm === true);
    return { cert: join(this.dir, `${base}.pem`), key: join(this.dir, `${base}-key.pem`) };
  }

  private encrypt(file: string, passphrase: string, oldForm: boolean): void {
    const secret = ['-aes256', '-passout', `pass:${passphrase}`];
    const plain = ['-in', file, '-out', `${file}.enc`];
    if (oldForm) this.openssl('ec', ...plain, ...secret);
    else this.openssl('pkcs8', '-topk8', ...plain, '-v2', 'aes256', '-passout', `pass:${passphrase}`);
    writeFileSync(join(this.dir, file), readFileSync(join(this.dir, `${file}.enc`)));
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.dir, stdio: 'pipe' });
  }

  private configuration(): string {
    return [
      '[ca]',
      'default_ca = own',
      '[own]',
      'database = index.txt',
      'new_certs_dir = .',
      'certificate = ca.pem',
      'private_key = ca-key.pem',
      'rand_serial = yes',
      'unique_subject = no',
      'default_md = sha256',
      'policy = any',
      '[any]',
      'commonName = supplied',
      '',
    ].join('\n');
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** As openssl takes dates: YYYYMMDDHHMMSSZ. */
function inDays(days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '')}`;
}
