// Asks workers for handshakes.

/** The answers to each of `messages` of a module worker. */
export async function askWorker(...messages) {
  const worker = new Worker('/built/worker.js', { type: 'module' });
  const next = () =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message ?? 'the worker could not be loaded'));
    });
  const answers = [await next()];
  for (const message of messages) {
    const answer = next();
    worker.postMessage(message);
    answers.push(await answer);
  }
  worker.terminate();
  return answers;
}

export async function askServiceWorker(options) {
  const registration = await navigator.serviceWorker.register('/built/service-worker.js', { type: 'module' });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === 'activated') resolve();
      if (worker.state === 'redundant') reject(new Error('the Service Worker could not be installed'));
    };
    worker.onstatechange = look;
    look();
  });
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  worker.postMessage({ options, port: port2 }, [port2]);
  const result = await answer;
  await registration.unregister();
  return result;
}
