using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>No key, name or date of a patient appears in a response, in the log, or unencrypted in the store.</summary>
public sealed class FhirPatientDataLeakTests : IAsyncLifetime
{
    private const string Marker = "kanarie";

    private readonly CapturingLoggerProvider _log = new();
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync(("Logging__LogLevel__Default", "Trace"));
        _service.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Identifiers_never_appear_in_responses_or_logs()
    {
        var observation = FhirTestData.Observation($"obs-{Marker}", patient: $"p-{Marker}", session: $"enc-{Marker}")
            .With("performer/1/reference", $"Practitioner/t-{Marker}");
        var response = FhirTestData.Phq9($"qr-{Marker}", patient: $"p-{Marker}");
        var patient = new JsonObject
        {
            ["resourceType"] = "Patient", ["id"] = $"p-{Marker}", ["name"] = new JsonArray(new JsonObject { ["family"] = Marker }),
            ["birthDate"] = "1961-05-04"
        };
        JsonObject[] resources =
        [
            observation, observation.With("valueQuantity/value", 13), observation.With("valueQuantity/value", 99), observation.With("subject/display", Marker),
            observation.With("status", Marker),
            observation.With("effectiveDateTime", Marker), observation.With("meta/versionId", Marker),
            observation.With("identifier/0/value", $"{Marker} with a space"), observation.With("code/coding/0/code", Marker),
            observation.With("subject/reference", $"#{Marker}"), observation.With("subject/reference", $"urn:uuid:{Marker}"),
            observation.With("subject/reference", $"Group/{Marker}"),
            observation.With("note", new JsonArray(new JsonObject { ["text"] = Marker })), observation.With("contained", new JsonArray(patient.DeepClone())),
            observation.With("valueQuantity/value", Marker), observation.With("valueQuantity/code", Marker),
            response, response.With("item/0/linkId", Marker), response.With("item/0/answer/0", new JsonObject { ["valueString"] = Marker }),
            response.With("questionnaire", $"Questionnaire/{Marker}"),
            FhirTestData.Bundle("transaction", patient, observation), FhirTestData.Bundle("batch", patient, observation, response),
            FhirTestData.BundleOf("batch", FhirTestData.Entry(observation, ifNoneExist: $"name={Marker}"),
                FhirTestData.Entry(response).With("request/url", Marker)),
        ];
        foreach (var (i, resource) in resources.Index())
        {
            var answer = await _service.PostFhir(resource, ("Idempotency-Key", $"{Marker}-{i}"));
            Assert.DoesNotContain(Marker, answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("1961-05-04", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Marker, $"{answer.ETag}{answer.Header("Location")}", StringComparison.OrdinalIgnoreCase);
        }

        (await _service.PostFhir(observation, ("If-None-Exist", $"identifier={Marker}"))).ShouldBeOutcome(422);
        (await _service.PostText("/fhir/Observation", $$"""{ "resourceType": "Observation", "{{Marker}}": """, "application/fhir+json")).ShouldBeOutcome(400);
        Assert.NotEmpty(await _service.GetScores($"p-{Marker}"));
        _service.Services.GetRequiredService<ILoggerFactory>().CreateLogger("this test").Log(LogLevel.Trace, "The log is read");
        Assert.Contains("The log is read", _log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, _log.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [SqliteFact]
    public async Task Identifiers_are_not_readable_in_the_store_file()
    {
        (await _service.PostFhir(FhirTestData.Observation($"obs-{Marker}", patient: $"p-{Marker}", session: $"enc-{Marker}"))).ShouldBe(201);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_service.StorePath)!))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf("kanarie"u8) < 0, file);
        }
    }

    /// <summary>Everything that is logged, however unimportant.</summary>
    private sealed class CapturingLoggerProvider : ILoggerProvider, ILogger
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
