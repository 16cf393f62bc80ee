using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>No key, name or date of a patient comes back in an answer, stands in the log, or lies readable in the store.</summary>
public sealed class CanaryTests : IAsyncLifetime
{
    private const string Canary = "kanarie";

    private readonly Log _log = new();
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync(("Logging__LogLevel__Default", "Trace"));
        _service.Parts.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task No_identifier_reaches_an_answer_or_the_log()
    {
        var observation = R.Observation($"obs-{Canary}", patient: $"p-{Canary}", session: $"enc-{Canary}").With("performer/1/reference", $"Practitioner/t-{Canary}");
        var response = R.Phq9($"qr-{Canary}", patient: $"p-{Canary}");
        var patient = new JsonObject { ["resourceType"] = "Patient", ["id"] = $"p-{Canary}", ["name"] = new JsonArray(new JsonObject { ["family"] = Canary }), ["birthDate"] = "1961-05-04" };
        JsonObject[] resources =
        [
            observation, observation.With("valueQuantity/value", 13), observation.With("valueQuantity/value", 99), observation.With("subject/display", Canary), observation.With("status", Canary),
            observation.With("effectiveDateTime", Canary), observation.With("meta/versionId", Canary), observation.With("identifier/0/value", $"{Canary} with a space"), observation.With("code/coding/0/code", Canary),
            observation.With("subject/reference", $"#{Canary}"), observation.With("subject/reference", $"urn:uuid:{Canary}"), observation.With("subject/reference", $"Group/{Canary}"),
            observation.With("note", new JsonArray(new JsonObject { ["text"] = Canary })), observation.With("contained", new JsonArray(patient.DeepClone())),
            observation.With("valueQuantity/value", Canary), observation.With("valueQuantity/code", Canary),
            response, response.With("item/0/linkId", Canary), response.With("item/0/answer/0", new JsonObject { ["valueString"] = Canary }), response.With("questionnaire", $"Questionnaire/{Canary}"),
            R.Bundle("transaction", patient, observation), R.Bundle("batch", patient, observation, response),
            R.BundleOf("batch", R.Entry(observation, ifNoneExist: $"name={Canary}"), R.Entry(response).With("request/url", Canary)),
        ];
        foreach (var (i, resource) in resources.Index())
        {
            var answer = await _service.PostFhir(resource, ("Idempotency-Key", $"{Canary}-{i}"));
            Assert.DoesNotContain(Canary, answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("1961-05-04", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, $"{answer.ETag}{answer.Header("Location")}", StringComparison.OrdinalIgnoreCase);
        }

        (await _service.PostFhir(observation, ("If-None-Exist", $"identifier={Canary}"))).ShouldBeOutcome(422);
        (await _service.PostText("/fhir/Observation", $$"""{ "resourceType": "Observation", "{{Canary}}": """, "application/fhir+json")).ShouldBeOutcome(400);
        Assert.NotEmpty(await _service.Scores($"p-{Canary}"));
        _service.Parts.GetRequiredService<ILoggerFactory>().CreateLogger("this test").Log(LogLevel.Trace, "The log is read");
        Assert.Contains("The log is read", _log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, _log.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [SqliteFact]
    public async Task No_identifier_lies_readable_in_the_file()
    {
        (await _service.PostFhir(R.Observation($"obs-{Canary}", patient: $"p-{Canary}", session: $"enc-{Canary}"))).ShouldBe(201);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_service.StorePath)!))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf("kanarie"u8) < 0, file);
        }
    }

    /// <summary>Everything that is logged, however unimportant.</summary>
    private sealed class Log : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public override string ToString() => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)}\n{exception}");

        public void Dispose() { }
    }
}
