// Issuers of ID tokens: a real one (oidc-provider), which people sign in to, and one that signs whatever a test wants, with what
// goes wrong at issuers.
//
//   const issuer = await Issuer.start();
//   const stoa = await startStoa({ config: { oidc: { provider: [issuer.config({ name: 'school' })] }, fetch: kInside } });
//   const idToken = issuer.token({ sub: 'ada' });
import { createHash, createSign, constants, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

// Issuers of tests are on this machine.
export const kInside = { private_networks: ['127.0.0.0/8'] };
export const kClient = 'stoa-web';
export const seconds = (later = 0) => Math.floor(Date.now() / 1000) + later;

const encode = (part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

const kMakers = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};
const kSigners = {
  RS256: (key, text) => createSign('sha256').update(text).sign(key),
  PS256: (key, text) => sign('sha256', Buffer.from(text), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  ES256: (key, text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (key, text) => sign(null, Buffer.from(text), key),
};

// A key that signs, as the issuer has it. `jwk`: what its set says of it beside the numbers.
export function makeKey(alg = 'RS256', jwk = {}) {
  const { publicKey, privateKey } = kMakers[alg]();
  const numbers = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(numbers)).digest('base64url').slice(0, 16);
  return { alg, kid, privateKey, publicKey, jwk: { ...numbers, kid, use: 'sig', alg, ...jwk } };
}

export function signToken(key, claims, header = {}) {
  const text = `${encode({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })}.${encode(claims)}`;
  return `${text}.${kSigners[key.alg](key.privateKey, text).toString('base64url')}`;
}

export class Issuer {
  keys = [];
  url;
  issuer; // what tokens and the document say
  asked = { document: 0, keys: 0 };
  status = 200; // of every answer
  cacheControl = 'public, max-age=3600';
  documentIssuer; // where the document says another one
  documentPath = '/.well-known/openid-configuration';
  #held; // answers wait for it
  #server;

  static async start({ alg = 'RS256', issuer, port = 0 } = {}) {
    const self = new Issuer();
    self.keys = [makeKey(alg)];
    self.#server = createServer((request, response) => self.#answer(request, response));
    self.#server.listen(port, '127.0.0.1');
    await once(self.#server, 'listening');
    self.url = `http://127.0.0.1:${self.#server.address().port}`;
    self.issuer = issuer ?? self.url;
    return self;
  }
  get key() { return this.keys[0]; }
  get jwksUrl() { return `${this.url}/keys`; }

  async stop() {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  // Answers are kept back until release().
  hold() { this.#held = Promise.withResolvers?.() ?? deferred(); }
  release() {
    this.#held?.resolve();
    this.#held = undefined;
  }

  async #answer(request, response) {
    const isDocument = request.url === this.documentPath;
    this.asked[isDocument ? 'document' : 'keys'] += 1;
    await this.#held?.promise;
    response.writeHead(this.status, { 'content-type': 'application/json', 'cache-control': this.cacheControl });
    const document = { issuer: this.documentIssuer ?? this.issuer, jwks_uri: this.jwksUrl };
    response.end(JSON.stringify(isDocument ? document : { keys: this.keys.map(({ jwk }) => jwk) }));
  }

  // A provider of a preset, whose document lies here at that path and says that issuer.
  preset(preset, path, issuer, fields = {}) {
    this.documentPath = path;
    this.documentIssuer = issuer;
    return { preset, name: 'test', discovery_url: this.url + path, client_ids: [kClient], ...fields };
  }
  config(fields = {}) { return { name: 'test', issuer: this.issuer, client_ids: [kClient], ...fields }; }
  // As Firebase, whose keys are here.
  firebase(fields = {}) { return { preset: 'firebase', project: 'peernet-demo', jwks_url: this.jwksUrl, ...fields }; }

  claims(fields = {}) {
    return { iss: this.issuer, aud: kClient, sub: `person-${randomBytes(4).toString('hex')}`, iat: seconds(), exp: seconds(3600), ...fields };
  }
  // `undefined` takes a claim away.
  token(fields = {}, { key = this.key, header = {} } = {}) { return signToken(key, this.claims(fields), header); }
  // Shaped as those that the Firebase SDK gives (firebase.google.com/docs/auth/admin/verify-id-tokens).
  firebaseToken({ uid = `fb${randomBytes(12).toString('hex')}`, email, verified = true, name, provider = 'google.com', ...fields } = {}, options) {
    return this.token({
      iss: 'https://securetoken.google.com/peernet-demo', aud: 'peernet-demo', auth_time: seconds(), user_id: uid, sub: uid,
      ...(name && { name }), ...(email && { email, email_verified: verified }),
      firebase: { identities: { [provider]: [uid], ...(email && { email: [email] }) }, sign_in_provider: provider },
      ...fields,
    }, options);
  }
}

function deferred() {
  const out = {};
  out.promise = new Promise((resolve) => { out.resolve = resolve; });
  return out;
}

// A real provider, which asks nothing: whoever comes is the account that `signIn` names.
export class RealProvider {
  url;
  accounts = new Map(); // subject -> claims
  #next; // who signs in next
  #server;

  static async start(alg = 'RS256') {
    const { default: Provider } = await import('oidc-provider');
    const self = new RealProvider();
    self.#server = createServer();
    self.#server.listen(0, '127.0.0.1');
    await once(self.#server, 'listening');
    self.url = `http://127.0.0.1:${self.#server.address().port}`;
    const key = makeKey(alg);
    const provider = new Provider(self.url, {
      clients: [{ client_id: kClient, client_secret: 'a secret of the client', redirect_uris: ['https://stoa.example.org/back'], id_token_signed_response_alg: alg }],
      jwks: { keys: [{ ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', alg }] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      conformIdTokenClaims: false, // else the address stands at its userinfo alone
      cookies: { keys: ['of tests'] },
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => false },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...self.accounts.get(sub) }) }),
    });
    const serve = provider.callback();
    self.#server.on('request', async (request, response) => {
      if (!request.url.startsWith('/interaction/')) return serve(request, response);
      const { prompt, params } = await provider.interactionDetails(request, response);
      if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: self.#next } });
      const grant = new provider.Grant({ accountId: self.#next, clientId: params.client_id });
      grant.addOIDCScope('openid email profile');
      return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
    });
    return self;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  config(fields = {}) { return { name: 'real', issuer: this.url, client_ids: [kClient], ...fields }; }

  // The ID token that a browser and its page come to by the authorization code flow.
  async signIn(sub, { nonce = randomBytes(8).toString('hex') } = {}) {
    this.#next = sub;
    const cookies = new Map();
    const query = new URLSearchParams({ client_id: kClient, response_type: 'code', scope: 'openid email profile', redirect_uri: 'https://stoa.example.org/back', nonce });
    let at = `${this.url}/auth?${query}`;
    while (at.startsWith(this.url)) {
      const response = await fetch(at, { redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        cookies.set(name, value);
      }
      const next = response.headers.get('location');
      if (!next) throw new Error(`the provider answered ${response.status} ${await response.text()}`);
      at = new URL(next, at).href;
    }
    const answer = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${kClient}:${encodeURIComponent('a secret of the client')}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: new URL(at).searchParams.get('code'), redirect_uri: 'https://stoa.example.org/back' }),
    });
    const body = await answer.json();
    if (!body.id_token) throw new Error(`the provider answered ${answer.status} ${JSON.stringify(body)}`);
    return { idToken: body.id_token, nonce };
  }
}
