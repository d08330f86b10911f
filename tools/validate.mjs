// Validates every template of a finished cloud assembly, nested stages included, with the rules engine that CDK bundles.
//
//   node tools/validate.mjs [--json] [ASSEMBLY [ALLOW]]     default: cdk.out, no allow list
//
// Prints one finding a line and a summary; with --json one object on one line instead. Exit 0: no error (warnings are
// allowed); 1: errors; 2: there was nothing to validate, or the allow list is malformed.
// ALLOW is a JSON object {"<rule id>": "<why this finding is acceptable here>"}.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

// CDK's own plugin leaves these rules out: they misread what CDK writes, or are matters of taste.
const CDK_IGNORES = new Set(['W3005', 'W1020', 'E1018', 'W9002', 'W9013', 'E2001', 'W1103']);

// A value outside an enum: the engine warns, but CloudFormation refuses it in the middle of a deployment.
const PROMOTED = new Set(['W3030']);

// CloudFormation's limit on a template's size, in bytes. The engine checks the numbers of resources and outputs, not this.
const MAX_BYTES = 1_000_000;

class UsageError extends Error {}

main(process.argv.slice(2));

function main(args) {
  const json = args.includes('--json');
  const [assembly = 'cdk.out', allowFile] = args.filter((a) => a !== '--json');
  try {
    const result = run(assembly, allowFile ? readAllowList(allowFile) : {});
    process.stdout.write(json ? JSON.stringify(result) + '\n' : text(result));
    process.exitCode = result.errors ? 1 : 0;
  } catch (e) {
    if (!(e instanceof UsageError)) throw e;
    process.stderr.write(`validate: ${e.message}\n`);
    process.exitCode = 2;
  }
}

function run(assembly, allow) {
  const start = performance.now();
  const templates = [...templatesOf(assembly)];
  if (!templates.length) throw new UsageError(`no template in the cloud assembly, got ${assembly}; define at least one stack`);
  const engine = newEngine();
  const result = { templates: 0, resources: 0, errors: 0, warnings: 0, allowed: 0, seconds: 0, findings: [] };
  for (const t of templates) {
    result.templates++;
    result.resources += t.resources;
    for (const f of [...tooLarge(t), ...ruleFindings(engine, t)]) {
      if (f.rule in allow) {
        result.allowed++;
        continue;
      }
      f.severity === 'error' ? result.errors++ : result.warnings++;
      result.findings.push(f);
    }
  }
  engine.free();
  result.seconds = Math.round((performance.now() - start) / 100) / 10;
  return result;
}

// templatesOf yields every stack template below an assembly folder.
function* templatesOf(dir) {
  for (const [stack, a] of Object.entries(readManifest(dir).artifacts ?? {})) {
    if (a.type === 'cdk:cloud-assembly') yield* templatesOf(path.join(dir, a.properties.directoryName));
    if (a.type !== 'aws:cloudformation:stack') continue;
    const file = path.join(dir, a.properties.templateFile);
    const body = fs.readFileSync(file);
    const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(a.environment) ?? [];
    yield {
      stack, file,
      account: /^\d{12}$/.test(account) ? account : undefined,
      region: region === 'unknown-region' ? undefined : region,
      bytes: body.length,
      resources: Object.keys(JSON.parse(body).Resources ?? {}).length,
    };
  }
}

function* tooLarge({ stack, bytes }) {
  if (bytes <= MAX_BYTES) return;
  const message = `the template is too large, got ${bytes} bytes; CloudFormation takes ${MAX_BYTES}: use fewer or shorter resources`;
  yield { severity: 'error', rule: 'SIZE', stack, resource: '', path: '', message };
}

function* ruleFindings(engine, t) {
  const { diagnostics } = engine.validateStandard(new (library().TemplateFile)(t.file), {
    pseudoParameterOverrides: { ...(t.account && { accountId: t.account }), ...(t.region && { region: t.region }) },
    severityLevel: 'WARN',
  });
  for (const d of diagnostics) {
    if (CDK_IGNORES.has(d.ruleId)) continue;
    const error = d.severity !== 'WARN' || PROMOTED.has(d.ruleId);
    yield {
      severity: error ? 'error' : 'warning', rule: d.ruleId, stack: t.stack,
      resource: d.entity?.logicalId ?? '', path: d.propertyPath ?? '', message: d.message,
    };
  }
}

function readManifest(dir) {
  const file = path.join(dir, 'manifest.json');
  if (!fs.existsSync(file)) throw new UsageError(`no cloud assembly, got ${dir}; run make synth first`);
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function readAllowList(file) {
  let list;
  try {
    list = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (e) {
    throw new UsageError(`${file}: not a readable JSON file, got ${e.message}`);
  }
  for (const [rule, reason] of Object.entries(list)) {
    if (!/^[A-Z]\d{4}$/.test(rule)) throw new UsageError(`${file}: not a rule id, got "${rule}"; write it like W3045`);
    if (typeof reason !== 'string' || !reason.trim()) throw new UsageError(`${file}: ${rule}: missing reason; say why`);
  }
  return list;
}

function library() {
  try {
    return createRequire(import.meta.url)('@aws/cloudformation-validate');
  } catch {
    throw new UsageError('the rules engine is not installed; run make tools first');
  }
}

function newEngine() {
  return new (library().RegoEngine)({});
}

function text({ findings, ...sum }) {
  const lines = findings.map((f) => {
    const where = [f.stack, f.resource, f.path].filter(Boolean).join('/');
    return `${f.severity} ${f.rule} ${where}: ${f.message}`;
  });
  const counts = [count(sum.errors, 'error'), count(sum.warnings, 'warning')];
  if (sum.allowed) counts.push(`${sum.allowed} allowed`);
  const what = `${count(sum.templates, 'template')} with ${count(sum.resources, 'resource')}`;
  lines.push(`validated ${what} in ${sum.seconds} s: ${counts.join(', ')}`);
  return lines.join('\n') + '\n';
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
