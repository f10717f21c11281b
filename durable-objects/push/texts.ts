// What a test push says. It is of no entry, so it has no type that a text could be written for.

interface Words {
  title: string
  body: string
}

const ENGLISH: Words = {
  title: 'It works',
  body: 'This is how Shopbell rings on this device.',
}

const SPANISH: Words = {
  title: 'Funciona',
  body: 'Así suena Shopbell en este dispositivo.',
}

/** In the reader's language, English where we do not speak it (NO2). */
export const testWords = (locale: string): Words => (/^es(-|$)/i.test(locale) ? SPANISH : ENGLISH)
