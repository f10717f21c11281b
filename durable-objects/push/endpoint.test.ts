import { describe, expect, test } from 'vitest'
import { checkEndpoint } from './endpoint.ts'

describe('checkEndpoint', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/dGVzdA:APA91b',
    'https://fcm.googleapis.com:443/wp/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAAA',
    'https://web.push.apple.com/QGuQyavXutnMH',
    'https://sg2p.notify.windows.com/w/?token=BQYAAAC%2b',
  ])('[RE3] %s is let through', (endpoint) => {
    const checked = checkEndpoint(endpoint, null)
    expect(checked).toMatchObject({ ok: true })
    expect(checked.ok && checked.target).toBe(checked.ok && checked.endpoint)
  })

  test.each([
    ['plain http', 'http://fcm.googleapis.com/fcm/send/a'],
    ['another scheme', 'ftp://fcm.googleapis.com/a'],
    ['no URL', 'fcm.googleapis.com/a'],
    ['nothing', ''],
    ['another host', 'https://push.evil.example/a'],
    ['a host that only begins like one', 'https://fcm.googleapis.com.evil.example/a'],
    ['a host that only ends like one', 'https://evilfcm.googleapis.com/a'],
    ['a suffix without its dot', 'https://evilpush.apple.com/a'],
    ['the suffix alone', 'https://push.apple.com/a'],
    ['a trailing dot', 'https://fcm.googleapis.com./a'],
    ['credentials', 'https://fcm.googleapis.com@evil.example/a'],
    ['credentials of a known host', 'https://user:pass@fcm.googleapis.com/a'],
    ['a port', 'https://fcm.googleapis.com:8443/a'],
    ['a backslash', 'https://evil.example\\@fcm.googleapis.com/a'],
    ['loopback', 'https://127.0.0.1/a'],
    ['loopback by name', 'https://localhost/a'],
    ['loopback in decimal', 'https://2130706433/a'],
    ['loopback in IPv6', 'https://[::1]/a'],
    ['a mapped address', 'https://[::ffff:127.0.0.1]/a'],
    ['a private address', 'https://10.0.0.5/a'],
    ['the metadata address', 'https://169.254.169.254/latest/meta-data'],
    ['a fragment', 'https://fcm.googleapis.com/a#b'],
    ['more than anybody needs', `https://fcm.googleapis.com/${'a'.repeat(2_048)}`],
  ])('[RE3] %s is refused, and the refusal does not repeat it', (_what, endpoint) => {
    const checked = checkEndpoint(endpoint, null)
    expect(checked).toEqual({ ok: false, why: expect.any(String) })
    if (endpoint !== '') expect(JSON.stringify(checked)).not.toContain(endpoint)
  })

  test('[RE3] a name that is written in another way is the same name', () => {
    expect(checkEndpoint('https://FCM.googleapis.com/a', null)).toMatchObject({
      endpoint: 'https://fcm.googleapis.com/a',
    })
  })

  describe('with a push service on this machine', () => {
    const loopback = 'http://127.0.0.1:8091'

    test('[RE3] its endpoints pass, and are called as the setting says', () => {
      expect(checkEndpoint('https://127.0.0.1:8091/push/a?b=c', loopback)).toEqual({
        ok: true,
        endpoint: 'https://127.0.0.1:8091/push/a?b=c',
        target: 'http://127.0.0.1:8091/push/a?b=c',
      })
    })

    test.each([
      'http://127.0.0.1:8091/a',
      'https://127.0.0.1:8092/a',
      'https://localhost:8091/a',
      'https://u:p@127.0.0.1:8091/a',
      'https://10.0.0.5:8091/a',
    ])('[RE3] %s is refused as ever', (endpoint) => {
      expect(checkEndpoint(endpoint, loopback).ok).toBe(false)
    })
  })
})
