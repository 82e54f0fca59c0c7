// Preloaded: as if @parley/verify were not installed. Node itself says that it finds none.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === '@parley/verify' ? { ...context, parentURL: 'file:///nowhere/main.js' } : context),
});
