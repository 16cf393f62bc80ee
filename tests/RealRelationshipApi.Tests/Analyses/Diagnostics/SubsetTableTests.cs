using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Claims;
using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Diagnostics;

/// <summary><c>/meta/gosh.csv</c>.</summary>
public sealed class SubsetTableTests(SubsetTableTests.TwentyStudies studies) : IClassFixture<SubsetTableTests.TwentyStudies>
{
    private readonly Service _service = studies.Service;

    [Fact]
    public async Task Rows_are_the_subsets_that_the_diagnostics_sum_up()
    {
        const string query = "yearFrom=2016&synthetic=include";
        var diagnostics = (await _service.Get($"/meta/diagnostics?{query}&select=gosh")).ShouldBe(200);
        var link = new Uri(diagnostics.String("gosh/csv"));
        Assert.Equal($"/meta/gosh.csv?{query}", link.PathAndQuery);
        var table = (await _service.Get(link.PathAndQuery)).ShouldBe(200);
        Assert.Equal("text/csv", table.MediaType);
        var rows = table.Text.TrimEnd('\n').Split('\n').Select(line => line.Split(',')).ToArray();
        var ids = diagnostics.At("gosh/members")!.AsArray().Select(member => member.At("id")!.GetValue<string>());
        Assert.Equal(["size", "effect", "i2", "tau2", .. ids], rows[0]);
        Assert.Equal(31, rows.Length - 1);
        Assert.All(rows[1..], row => Assert.Equal(row[0], row[4..].Count(cell => cell == "1").ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(31, rows[1..].Select(row => string.Concat(row[4..])).Distinct(StringComparer.Ordinal).Count());
        var several = rows[1..].Where(row => row[0] != "1").ToArray();
        Assert.Equal(diagnostics.Number("gosh/meanEffect"), several.Average(row => Number(row[1])), 1e-12);
        Assert.Equal(diagnostics.Number("gosh/meanI2"), several.Average(row => Number(row[2])), 1e-9);
        Assert.Equal(diagnostics.Number("gosh/quantiles/6/tau2"), several.Max(row => Number(row[3])), 1e-15);
        Assert.Equal(diagnostics.Number("gosh/members/0/effectWith"), several.Where(row => row[4] == "1").Average(row => Number(row[1])), 1e-12);
    }

    [Fact]
    public async Task A_table_has_an_etag_and_refuses_what_is_not_a_parameter()
    {
        var table = (await _service.Get("/meta/gosh.csv?yearFrom=2016&bom=true")).ShouldBe(200);
        Assert.Equal(Encoding.UTF8.GetPreamble(), table.Bytes[..3]);
        (await _service.Get("/meta/gosh.csv?yearFrom=2016&bom=true", ("If-None-Match", table.ETag!))).ShouldBe(304);
        (await _service.Get("/meta/gosh.csv?bom=perhaps")).ShouldBeProblem(400, "?bom", "notAValue");
        (await _service.Get("/meta/gosh.csv?subsets=0")).ShouldBeProblem(422, "?subsets", "outOfRange");
        (await _service.Get("/meta/gosh.csv?yearFrom=2100")).ShouldBeProblem(422, "#", "noEffects");
    }

    [Fact]
    public async Task The_table_is_sent_while_it_is_computed_and_ends_when_the_client_has_gone()
    {
        using var requests = new ActiveRequests(_service);
        using (var response = await _service.Client.GetAsync(new Uri("/meta/gosh.csv", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.True(response.IsSuccessStatusCode);
            Assert.Null(response.Content.Headers.ContentLength);
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[4 * SubsetTable.BlockBytes]);
            Assert.Equal(1, requests.Count);
        }

        // All rows would take many times as long.
        var took = await Wait.UntilAsync(() => Task.FromResult(requests.Count == 0));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Empty(_service.LoggedErrors.ToString());
    }

    [Fact]
    public async Task Only_a_block_is_in_memory_and_nothing_is_computed_after_the_cancellation()
    {
        var table = Table(20);
        using var cancelled = new CancellationTokenSource();
        var (blocks, rows, slots) = (0, 0, new Slots());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.WriteAsync(block =>
        {
            Assert.False(slots.IsTaken);
            Assert.InRange(block.Length, SubsetTable.BlockBytes, SubsetTable.BlockBytes + 200);
            rows += block.Span.Count((byte)'\n');
            return ++blocks == 3 ? new ValueTask(cancelled.CancelAsync()) : ValueTask.CompletedTask;
        }, slots.TakeAsync, default, cancelled.Token));
        Assert.Equal((3, 4), (blocks, slots.Taken));
        Assert.InRange(rows, 3 * SubsetTable.BlockBytes / 120, 3 * SubsetTable.BlockBytes / 40);
    }

    [Fact]
    public async Task A_failure_of_the_first_rows_is_a_problem()
    {
        var set = InlineEffectMapper.ToEffectSet([.. new[] { 1e200, -1e200, 0 }.Select(yi => new InlineEffect { Yi = yi, Vi = 1e-200 })], null, []);
        var request = new DiagnosticsRequest { Model = new() { Measure = EffectMeasure.Raw } };
        var table = SubsetTable.Create(set, request, ErrorLocation.InBody).Table!;
        using var body = new MemoryStream();
        var context = new DefaultHttpContext
        {
            RequestServices = _service.Services, User = new(new ClaimsIdentity([new(Caller.TenantClaim, Caller.DevelopmentTenant)])),
        };
        context.Response.Body = body;
        context.Response.Headers.ETag = "\"rows\"";
        await table.Write(context).ExecuteAsync(context);
        Assert.Equal((422, "application/problem+json"), (context.Response.StatusCode, context.Response.ContentType!.Split(';')[0]));
        Assert.DoesNotContain(context.Response.Headers, header => header.Key is "ETag" or "Content-Disposition");
        Assert.DoesNotContain("size,effect", Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    private static SubsetTable Table(int effects)
    {
        var set = InlineEffectMapper.ToEffectSet([.. Enumerable.Range(0, effects).Select(i => new InlineEffect
        {
            R = Math.Round(0.3 + (0.2 * Math.Sin(i)), 3), N = 40 + (7 * i),
        })], null, []);
        return SubsetTable.Create(set, new DiagnosticsRequest(), ErrorLocation.InBody).Table!;
    }

    /// <summary>Twenty studies, five of them from 2016 on.</summary>
    public sealed class TwentyStudies() : SharedService(("Limits__ComputeSeconds", "86400"))
    {
        protected override async Task SeedAsync()
        {
            foreach (var i in Enumerable.Range(0, 20))
            {
                var study = TestData.Study($"study-{i}", TestData.Effect(Math.Round(0.3 + (0.2 * Math.Sin(i)), 3), 40 + (7 * i)));
                study["citation"]!["year"] = 2001 + i;
                await Service.SubmitStudy(study);
            }
        }
    }

    private sealed class Slots
    {
        public bool IsTaken { get; private set; }

        public int Taken { get; private set; }

        public ValueTask<IDisposable> TakeAsync()
        {
            (IsTaken, Taken) = (true, Taken + 1);
            return new(new Slot(this));
        }

        private sealed class Slot(Slots slots) : IDisposable
        {
            public void Dispose() => slots.IsTaken = false;
        }
    }

    /// <summary>Number of requests that a service is at.</summary>
    private sealed class ActiveRequests : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public ActiveRequests(Service service)
        {
            var meters = service.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.active_requests" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _count, change));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
