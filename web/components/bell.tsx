// The brass bell, our mark. It swings once when told to; `swings` counts how often it was told.

import { useRef } from 'preact/hooks'

interface Props {
  swings?: number
  size?: number
}

export function Bell({ swings = 0, size = 28 }: Props) {
  // What rang before this bell was on the screen does not swing it now.
  const atRest = useRef(swings)
  return (
    <svg
      // A new key starts the animation anew.
      key={swings}
      class={swings === atRest.current ? 'bell' : 'bell bell-swing'}
      width={size}
      height={size}
      viewBox="0 0 48 48"
      aria-hidden="true"
    >
      <circle class="bell-clapper" cx="24" cy="40.600" r="4.200" />
      <path
        class="bell-body"
        d="M24 5c-2 0-3.400 1.500-3.400 3.400v1.400C14 11.400 10.200 16.800 10.200 23.400V30c0 2.200-1.300 3.900-2.900 5.400-1 .9-.3 2.600 1.100 2.600h31.200c1.400 0 2.100-1.700 1.100-2.600-1.600-1.500-2.900-3.200-2.900-5.400v-6.600c0-6.600-3.800-12-10.400-13.600V8.400C27.400 6.500 26 5 24 5z"
      />
      <path
        class="bell-shine"
        d="M20.600 13.200c-4.400 1.700-6.900 5.700-6.900 10.400V30c0 1.300-.3 2.500-.8 3.600h3.300c.3-1.100.5-2.300.5-3.600v-6.400c0-4.400 1.500-8 3.900-10.400z"
      />
    </svg>
  )
}
