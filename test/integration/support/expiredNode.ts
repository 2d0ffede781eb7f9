import type { LabHost } from '../../lab/host';

/**
 * Makes a root certificate that is older than any swarm of the lab, and gives it to the swarm of a manager. Docker's own
 * begins with the swarm, so that no certificate under it can have run out.
 *
 * @returns the certificate and its key, PEM.
 */
export async function giveOldRoot(manager: LabHost): Promise<{ certificate: string; key: string }> {
  await manager.execOk([
    'sh',
    '-c',
    `rm -rf ${dir}; mkdir -p ${dir}/made; cd ${dir}; touch index; echo 01 >serial; ${configured}`,
  ]);
  const make = [
    'openssl ecparam -name prime256v1 -genkey -noout -out root.key',
    'openssl req -new -key root.key -subj /CN=swarm-ca -out root.csr',
    'printf "basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\nsubjectKeyIdentifier=hash\\n" >root.ext',
    `openssl ca -batch -selfsign -config ca.cnf -keyfile root.key -in root.csr -out root.crt -notext -extfile root.ext ${dates('2020', '2050')}`,
    'docker swarm ca --rotate --ca-cert root.crt --ca-key root.key >/dev/null',
  ];
  await manager.execOk(['sh', '-ec', `cd ${dir}; ${make.join('; ')}`]);
  const read = (name: string) => manager.execOk(['cat', `${dir}/${name}`]);
  return { certificate: await read('root.crt'), key: await read('root.key') };
}

/** Replaces the certificate of a node by the same one that has run out, as if it had been off for long. Restarts its engine. */
export async function expire(host: LabHost, root: { certificate: string; key: string }): Promise<void> {
  await host.fault.stop('dockerd');
  await host.execOk([
    'sh',
    '-c',
    `rm -rf ${dir}; mkdir -p ${dir}/made; cd ${dir}; touch index; echo 01 >serial; ${configured}`,
  ]);
  await host.execOk([
    'sh',
    '-c',
    `printf %s "$1" >${dir}/root.crt; printf %s "$2" >${dir}/root.key`,
    'sh',
    root.certificate,
    root.key,
  ]);
  const make = [
    'part() { openssl x509 -in $D/swarm-node.crt -noout -subject -nameopt sep_multiline | sed -n "s/^ *$1=//p"; }',
    'O=$(part O) OU=$(part OU) CN=$(part CN)',
    // Docker keeps the key of its log in headers that openssl does not know.
    'sed -e "/^[a-z-]*: /d" -e "/^$/d" $D/swarm-node.key >node.key',
    'openssl req -new -key node.key -subj "/O=$O/OU=$OU/CN=$CN" -out node.csr',
    'printf "basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature,keyEncipherment\\nextendedKeyUsage=serverAuth,clientAuth\\nsubjectAltName=DNS:$OU,DNS:$CN,DNS:swarm-ca\\n" >node.ext',
    `openssl ca -batch -config ca.cnf -cert root.crt -keyfile root.key -in node.csr -out node.crt -notext -extfile node.ext ${dates('2021', '2022')}`,
    'cat node.crt >$D/swarm-node.crt',
  ];
  await host.execOk(['sh', '-ec', `D=${state}/certificates; cd ${dir}; ${make.join('; ')}`]);
  await host.fault.start('dockerd');
}

/** Where Docker keeps what it knows of its swarm. */
export const state = '/var/lib/docker/swarm';

const dir = '/tmp/old-root';
const dates = (from: string, to: string): string => `-startdate ${from}0101000000Z -enddate ${to}0101000000Z`;
const config = `[ca]
default_ca=root
[root]
database=${dir}/index
serial=${dir}/serial
new_certs_dir=${dir}/made
default_md=sha256
policy=names
[names]
organizationName=optional
organizationalUnitName=optional
commonName=optional
`;
const configured = `printf '${config.replaceAll('\n', '\\n')}' >ca.cnf`;
