/** What a failure means and what to do about it, by the error's code, in words for whoever does not know the code. */
import { h } from './ui/dom.js';
import { advise, notice } from './ui/parts.js';

export interface Explanation {
  headline: string;
  what: string;
  advice: string;
}

type Coded = Error & { code?: string };

/** Of the transport and the relay. */
const transport: Record<string, Explanation> = {
  ECONNREFUSED: {
    headline: 'Nobody listens there',
    what: 'The relay reached the host, and the host refused the connection: no server is bound to this port.',
    advice: 'Check the port, and whether the server is running.',
  },
  ENOTFOUND: {
    headline: 'The name is unknown',
    what: 'The relay asked the DNS for this host and got no address.',
    advice: 'Check the spelling. The relay resolves names, not this browser.',
  },
  ETIMEDOUT: {
    headline: 'No answer',
    what: 'What was sent got no answer. Usually a firewall drops the packets, or the server is stuck.',
    advice:
      'Check that the host can be reached from the machine that runs the relay, and that it speaks TLS on this port.',
  },
  EHOSTUNREACH: {
    headline: 'No way to the host',
    what: 'The relay’s machine has no route to this address.',
    advice: 'Check the network of the machine that runs the relay.',
  },
  EACCES: {
    headline: 'The relay does not allow it',
    what: 'This host and port are not on the relay’s list of what may be reached.',
    advice: 'Choose a prepared server, or a public host on a port of TLS, such as example.com:443.',
  },
  ECONNRESET: {
    headline: 'The other side hung up',
    what: 'The connection was closed in the middle of the handshake, without an alert that says why.',
    advice:
      'The server may not speak TLS on this port, may dislike something in the ClientHello, or a middlebox cut in.',
  },
};

/** The words that all errors have in common that are about the relay itself. */
const aboutRelay = /: the relay \S+ (cannot be reached|does not answer|is lost|hung up)/;

const relay: Explanation = {
  headline: 'The relay is gone',
  what: 'This page opens connections through the relay of the demo’s server, and the relay does not answer.',
  advice: 'Run npm start again, and reload the page at the address that it prints.',
};

/** Of TLS. */
const protocol: Record<string, Explanation> = {
  ERR_SSL_WRONG_VERSION_NUMBER: {
    headline: 'That is not TLS',
    what: 'What came back does not begin as TLS does. Typically a server answers in plain text on this port.',
    advice: 'Look for the server’s TLS port: 443 instead of 80, 465 instead of 25.',
  },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: {
    headline: 'That is not TLS',
    what: 'What came back cannot be a TLS record: its length is impossible.',
    advice: 'Look for the server’s TLS port.',
  },
  PROTOCOL_VERSION: {
    headline: 'No version in common',
    what: 'The server speaks none of the versions of TLS that this page offered.',
    advice: 'Allow other versions in the options.',
  },
  HANDSHAKE_FAILURE: {
    headline: 'Nothing in common',
    what: 'The server found no acceptable mix of suite, group and signature in what this page offered.',
    advice: 'Allow more suites and groups in the options. Some servers also say this when they want a certificate.',
  },
  CERTIFICATE_REQUIRED: {
    headline: 'It wants your certificate',
    what: 'The server asked for a client certificate, got none, and ended the connection.',
    advice: 'Choose the demo visitor’s certificate in the options and connect again.',
  },
  NO_APPLICATION_PROTOCOL: {
    headline: 'No application protocol in common',
    what: 'The server speaks none of the protocols that were offered by ALPN.',
    advice: 'Offer another one in the options, for example h2, or none at all.',
  },
  UNRECOGNIZED_NAME: {
    headline: 'It does not know that name',
    what: 'The server has no certificate for the name that was sent as SNI.',
    advice: 'Send another server name, or none, in the options.',
  },
  UNKNOWN_CA: {
    headline: 'It does not trust your certificate',
    what: 'The server does not know the authority that issued the client certificate.',
    advice: 'Choose no client certificate, or one that the server’s owner has issued.',
  },
  ERR_SSL_NO_CIPHERS_AVAILABLE: {
    headline: 'Nothing left to offer',
    what: 'No suite fits the versions and suites that are chosen in the options.',
    advice: 'Suites of TLS 1.3 need TLS 1.3, and the others an older version. Choose again.',
  },
  ERR_SSL_NO_CIPHER_MATCH: {
    headline: 'No such suite',
    what: 'The list of suites in the options has no name in it that OpenSSL knows.',
    advice: 'Use OpenSSL’s names, separated by colons: TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256.',
  },
  ERR_WASM_TLS_TRAP: {
    headline: 'The TLS stack has stopped',
    what: 'WebAssembly trapped. The instance refuses further work, so that nothing can leak out of a broken one.',
    advice: 'Reload the page. If it happens again, it is a bug that we want to hear of.',
  },
};

/** Of certificates. They do not end the connections of this page, which wants to look at them. */
const certificate: Record<string, Explanation> = {
  CERT_HAS_EXPIRED: {
    headline: 'The certificate has expired',
    what: 'Its last day is over. Nobody vouches for the key any more.',
    advice: 'The server’s owner has to renew it. If you are sure that it is valid, check this machine’s clock.',
  },
  CERT_NOT_YET_VALID: {
    headline: 'The certificate is not valid yet',
    what: 'Its first day lies in the future.',
    advice: 'Wait for that day, or check this machine’s clock.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    headline: 'It vouches for itself',
    what: 'The certificate is signed by its own key. Anybody could have made it.',
    advice: 'If it is your own server, add its certificate to what you trust. If not, do not go on.',
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    headline: 'The root is not trusted',
    what: 'The server sent a complete chain, but its root is not among those that are trusted here.',
    advice: 'Choose other trust roots in the options, if you have a reason to trust this one.',
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    headline: 'The chain leads nowhere',
    what: 'The issuer of the last certificate is not among the trusted roots.',
    advice: 'Choose other trust roots in the options; or the server forgot to send an intermediate certificate.',
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    headline: 'The chain leads nowhere',
    what: 'The server sent one certificate alone, and its issuer is not among the trusted roots.',
    advice: 'Choose other trust roots in the options; or the server forgot to send an intermediate certificate.',
  },
  CERT_REVOKED: {
    headline: 'The certificate is revoked',
    what: 'Its issuer has taken it back.',
    advice: 'Do not go on. The server’s owner has to get another one.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    headline: 'The certificate is for somebody else',
    what: 'It is valid, and it does not name the host that you asked for.',
    advice: 'Check the address. Somebody else may be answering in its place.',
  },
};

/** What alerts and errors of OpenSSL have in common at their end: ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED. */
function byEnding(code: string): Explanation | undefined {
  const ending = Object.keys(protocol).find((key) => !key.startsWith('ERR_') && code.endsWith(key));
  return ending === undefined ? undefined : protocol[ending];
}

export function explain(error: Coded): Explanation {
  const code = error.code ?? '';
  if (aboutRelay.test(error.message)) return relay;
  const known = transport[code] ?? protocol[code] ?? certificate[code] ?? byEnding(code);
  if (known !== undefined) return known;
  if (code.includes('_ALERT_')) {
    return {
      headline: 'The other side refused',
      what: `It sent an alert and ended the connection: ${error.message}`,
      advice: 'Its log may say more. Other versions, suites or groups in the options may please it.',
    };
  }
  return {
    headline: 'It did not work out',
    what: error.message,
    advice: 'The code below is that of Node’s documentation and of OpenSSL.',
  };
}

/** The same as a notice. */
export function failure(error: Coded): HTMLElement {
  const { headline, what, advice } = explain(error);
  return notice('bad', headline, h('p', {}, what), advise(advice));
}
