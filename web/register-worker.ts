// Registers the service worker (sw/). Its address is a script's, which the page's policy lets nobody write but here.

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

const ADDRESS = '/sw.js'

/** The policy knows one address, whatever it is asked for. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('service-worker', { createScriptURL: () => ADDRESS })
  return policy?.createScriptURL(ADDRESS) ?? ADDRESS
}

/** Without one the app works as before, and is not called when it is closed. */
export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register(trusted())
  } catch (error) {
    console.warn('No service worker:', error)
  }
}
