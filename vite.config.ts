import { join } from 'node:path'
import Icons from 'unplugin-icons/vite'
import { defineConfig } from 'vite'

/** Lucide's SVG is already JSX to Preact, so no compiler package is needed, and no markup in strings. */
const icons = Icons({
  compiler: {
    extension: 'jsx',
    compiler: (svg) =>
      `export default (props) => ${svg.replace('>', ' aria-hidden="true" {...props}>')}`,
  },
})

export default defineConfig({
  root: 'web',
  plugins: [icons],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, 'web', 'index.html'),
        sw: join(import.meta.dirname, 'web', 'sw', 'sw.ts'),
      },
      output: {
        // A service worker keeps its address: a browser asks there for a newer one.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        // All of the first load in one file: cut by what later parts use as well, it is 3 kB larger. The service worker is
        // a program of its own.
        codeSplitting: {
          groups: [{ name: 'index', tags: ['$initial'], test: /^(?!.*\/web\/sw\/)/ }],
        },
      },
    },
  },
})
