-- POSTs the bodies of a file, one a line, in turn; prints what was measured as one line of JSON.
local bodies, turn = {}, 0
for line in io.lines(os.getenv("BENCH_BODIES")) do bodies[#bodies + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function request()
  turn = turn % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[turn])
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f,"rps":%.1f,"failed":%d}\n',
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000,
    summary.requests / summary.duration * 1000000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
