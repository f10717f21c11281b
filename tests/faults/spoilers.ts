// Clients that spoil what they hear, text by text: also what goes wrong behind a hub must be found.
import type { Violation } from './history.ts'

interface Spoiler {
  says: string
  breaks: Violation['rule']
  spoil(): (text: string) => string[]
}

const isNews = (text: string) =>
  !text.includes('"welcome"') && text.includes('"type":"notification"')

export const SPOILERS: readonly Spoiler[] = [
  {
    says: 'loses texts',
    breaks: 'ST7',
    /** Of two texts with entries the first. The last one would come again: nothing above it was heard. */
    spoil() {
      let texts = 0
      return (text) => (isNews(text) && ++texts % 2 === 1 ? [] : [text])
    },
  },
  {
    says: 'hears texts twice',
    breaks: 'ST3',
    spoil: () => (text) => (isNews(text) ? [text, text] : [text]),
  },
  {
    says: 'mixes texts up',
    breaks: 'ST3',
    /** Every second text with an entry comes after the next one. */
    spoil() {
      let kept: string | null = null
      return (text) => {
        if (!isNews(text)) return [text]
        const texts = kept === null ? [] : [text, kept]
        kept = kept === null ? text : null
        return texts
      }
    },
  },
]
