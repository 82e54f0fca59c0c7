#!/usr/bin/env node
'use strict';

require('@parley/launch').launch(require('node:path').join(__dirname, '..'));
