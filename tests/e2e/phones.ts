// People with a phone or a computer in front of them, each in a browser context of their own.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Git ignores it: pictures to look at, not to compare. */
const PICTURES = join('test-results', 'e2e')

export const PHONE = { width: 390, height: 844 }
export const SMALL_PHONE = { width: 360, height: 740 }
export const COMPUTER = { width: 1280, height: 800 }

export const launch = () =>
  chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })

export interface Window {
  page: Page
  /** What the browser complained about: script errors and everything that the policy stopped. */
  complaints: string[]
}

/** A refusal is an answer: the sign-in page asks with an empty name, and learns from the 422. */
const isAnswer = (text: string) => text.startsWith('Failed to load resource')

export async function openWindow(browser: Browser, origin: string, size = PHONE): Promise<Window> {
  const isPhone = size !== COMPUTER
  const context = await browser.newContext({
    viewport: size,
    hasTouch: isPhone,
    isMobile: isPhone,
    locale: 'en-GB',
    timezoneId: 'Europe/Madrid',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !isAnswer(message.text())) complaints.push(message.text())
  })
  await page.goto(origin)
  return { page, complaints }
}

export async function signIn({ page }: Window, name: string) {
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click()
  await page.getByRole('heading', { level: 1, name: /^(Inbox|Avisos)$/ }).waitFor()
}

export const connected = ({ page }: Window) => page.getByText(/^(Live|En directo)$/).waitFor()

export const row = ({ page }: Window, title: string) =>
  page.getByRole('link', { name: new RegExp(title) })

/** The badge's figure, or 0 where there is no badge. */
export async function badge({ page }: Window) {
  const badges = await page.getByTestId('badge').allTextContents()
  return Number(badges[0] ?? 0)
}

/** A picture of the page at rest. */
export async function picture({ page }: Window, name: string) {
  mkdirSync(PICTURES, { recursive: true })
  await page.evaluate(async () => {
    const moving = document
      .getAnimations()
      .filter((one) => one.effect?.getTiming().iterations === 1)
    await Promise.allSettled(moving.map((one) => one.finished))
  })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

/** Does anything reach out of the window sideways? */
export const overflows = ({ page }: Window) =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)

/** What axe finds wrong, by light and by dark, as short lines. */
export async function accessibilityProblems({ page }: Window) {
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Evaluated by the browser's own tools, so the page's policy stays as it is.
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    for (const { id, nodes } of violations) {
      problems.push(...nodes.map(({ html }) => `${colorScheme} ${id}: ${html}`))
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
  return problems
}
