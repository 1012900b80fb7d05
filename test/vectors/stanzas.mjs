// Of a file of OpenSSL's vectors those that the provider can be asked for. A file is made of stanzas with an empty line
// between them; the first `key = value` that is not about where it holds says what is tested, and of which algorithm.

/** Where it holds: of OpenSSL's providers ours stands for these two. */
const whereabouts = new Set(['Availablein', 'FIPSversion', 'Securitycheck']);
const replaced = /\b(default|legacy)\b/;

/** Keys of a stanza whose value is the name of an algorithm, and of which kind it is. */
const kinds = {
  Cipher: 'Cipher',
  Digest: 'Digest',
  MAC: 'MAC',
  KDF: 'KDF',
  KeyGen: 'Key',
  KeyFromData: 'Key',
  // What OpenSSL keeps for programs of old, or does without a provider.
  PKEYKDF: 'Key derivation by EVP_PKEY',
  RAND: 'Random generator',
};
const derivations = { pbkdf2: 'PBKDF2', scrypt: 'SCRYPT', pkcs12: 'PKCS12KDF' };

/** Controls that name an algorithm. */
const controls = [
  [/^(?:digest|rsa_mgf1_md|rsa_oaep_md|mgf1-digest):(.+)$/i, 'Digest'],
  [/^kdf-type:(.+)$/i, 'KDF'],
];

function pairsOf(stanza) {
  return stanza.flatMap((line) => {
    const match = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
    return match ? [{ key: match[1], value: match[2] }] : [];
  });
}

function stanzasOf(text) {
  const stanzas = [[]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    if (line.trim()) stanzas.at(-1).push(line);
    else if (stanzas.at(-1).length > 0) stanzas.push([]);
  }
  return stanzas.filter((stanza) => stanza.length > 0);
}

/** The algorithms that a stanza needs, as `Kind name`. */
function neededBy(pairs) {
  const needed = [];
  const [{ value: about }] = pairs.filter(({ key }) => !whereabouts.has(key));
  for (const { key, value } of pairs) {
    if (key in kinds) needed.push(`${kinds[key]} ${value}`);
    if (key === 'PBE') needed.push(`KDF ${derivations[value.toLowerCase()] ?? value}`);
    if (key === 'MD' || (key === 'Algorithm' && about.toUpperCase() === 'HMAC')) needed.push(`Digest ${value}`);
    if (/^(OneShot)?Digest(Sign|Verify)$/.test(key) && value !== 'NULL') needed.push(`Digest ${value}`);
    if (/^(Sign|Verify)/.test(key) && value.includes(':')) needed.push(`Signature ${value.split(':')[0]}`);
    if (/^(Private|Public)KeyRaw$/.test(key)) needed.push(`Key ${value.split(':')[1]}`);
    // TLS makes no such keys, and the engine leaves the search for primes out.
    if (key === 'KeyGen' && /^RSA/.test(value)) needed.push('Generation of RSA keys');
    // Nonces of ECDSA that depend on the message and the key alone.
    if (key === 'NonceType') needed.push(`Signature with a nonce that is ${value}`);
    if (!key.startsWith('Ctrl')) continue;
    for (const [pattern, kind] of controls) {
      const name = pattern.exec(value)?.[1];
      if (name) needed.push(`${kind} ${name}`);
    }
  }
  return needed;
}

/**
 * @param {string} text a file of vectors
 * @param {Offered} offered
 * @returns {{ text: string, left: Map<string, number> }} what is left of it, and how many stanzas are not there for want of
 *   which algorithm
 */
export function select(text, offered) {
  const left = new Map();
  const kept = [];
  for (const stanza of stanzasOf(text)) {
    const pairs = pairsOf(stanza);
    const elsewhere = pairs.some(({ key, value }) => key === 'Availablein' && !replaced.test(value));
    const missing = elsewhere ? 'another provider' : neededBy(pairs).find((name) => !offered.meet(name));
    if (missing) left.set(missing, (left.get(missing) ?? 0) + 1);
    else kept.push(stanza.filter((line) => !/^Availablein\s*=/.test(line)).join('\n'));
  }
  return { text: `${kept.join('\n\n')}\n`, left };
}

/** What the provider offers, and what of it a vector has asked for. */
export class Offered {
  #algorithms = new Map();
  #met = new Set();

  /** @param {string} listing as evp_vectors --offered prints it */
  constructor(listing) {
    for (const line of listing.trim().split('\n')) {
      const [kind, ...names] = line.trim().split(' ');
      for (const name of names) this.#algorithms.set(`${kind} ${name}`.toUpperCase(), `${kind} ${names[0]}`);
    }
  }

  /** Whether it is there. */
  meet(name) {
    const algorithm = this.#algorithms.get(name.toUpperCase());
    if (algorithm) this.#met.add(algorithm);
    return algorithm !== undefined;
  }

  /** What nobody has asked for. */
  get unmet() {
    return [...new Set(this.#algorithms.values())].filter((algorithm) => !this.#met.has(algorithm));
  }
}
