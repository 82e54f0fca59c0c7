#!/usr/bin/env node
'use strict';

// The young generation keeps its largest size when sessions fall idle; a larger one makes nothing faster (docs/performance.md).
require('@parley/launch').launch(require('node:path').join(__dirname, '..'), ['--max-semi-space-size=16']);
