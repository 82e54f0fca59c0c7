#!/usr/bin/env node
'use strict';
require('@parley/launch').launch({ package: '..' });
