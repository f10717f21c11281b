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
    // All of the first load in one file: cut by what later parts use as well, it is 3 kB larger.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'index', tags: ['$initial'] }] } },
    },
  },
})
