using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir.Forms;

/// <summary>A higher version of a response replaces the lower ones as a whole, whatever forms either has, and in whatever order they come.</summary>
public sealed class ResponseFormsTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static int s_patients;

    private readonly Service _service = empty.Service;

    /// <summary>Forms of version 1, 2 and so on with the answer to each item (p: PHQ-9, g: GAD-7, w: WHO-5), and the scores of the highest version.</summary>
    public static TheoryData<string, string> Amendments => new()
    {
        { "p1 p2g2", "gad-7 14, phq-9 18" },
        { "p1g1 p2", "phq-9 18" },
        { "p1g1 g2", "gad-7 14" },
        { "p1g1w1 p2g2", "gad-7 14, phq-9 18" },
        { "p1 g2", "gad-7 14" },
        { "p1 p2g2 p0", "phq-9 0" },
        { "p1g1 p2 p0g0", "gad-7 0, phq-9 0" },
        { "p1g1 w2", "who-5 10" },
        { "p1g1 x", "" },
        { "p1 p2g2 x", "" },
        { "p1g1 x p2", "phq-9 18" },
    };

    [Theory]
    [MemberData(nameof(Amendments))]
    public async Task The_highest_version_replaces_all_forms_of_the_lower_ones_in_any_order(string versions, string scores)
    {
        var messages = versions.Split(' ').Index().ToList();
        foreach (var order in Permutations([.. messages]))
        {
            var patient = $"p-{Interlocked.Increment(ref s_patients)}";
            foreach (var (index, forms) in order)
            {
                (await _service.PostFhir(Response(patient, forms, index + 1))).ShouldBe(201);
            }

            Assert.Equal((versions, scores), (versions, string.Join(", ", await _service.GetScores(patient))));
            foreach (var (index, forms) in order)
            {
                (await _service.PostFhir(Response(patient, forms, index + 1))).ShouldBe(200);
            }

            Assert.Equal((versions, scores), (versions, string.Join(", ", await _service.GetScores(patient))));
        }

        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Versions_in_one_bundle_replace_each_other()
    {
        (await _service.PostFhir(FhirTestData.Bundle("transaction", Response("bundle", "p2g2", 2), Response("bundle", "p1", 1), Response("bundle", "w1", 3))))
            .ShouldBe(200);
        Assert.Equal(["who-5 5"], await _service.GetScores("bundle"));
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_form_that_was_rejected_can_be_sent_again_and_is_not_withdrawn_by_the_others()
    {
        (await _service.PostFhir(Response("again", "p1g1", 1))).ShouldBe(201);
        (await _service.PostFhir(Response("again", "p2g9", 2))).ShouldBe(207);
        Assert.Equal(["gad-7 7", "phq-9 18"], await _service.GetScores("again"));
        (await _service.PostFhir(Response("again", "p2", 3))).ShouldBe(201);
        (await _service.PostFhir(Response("again", "p2g2", 4))).ShouldBe(201);
        Assert.Equal(["gad-7 14", "phq-9 18"], await _service.GetScores("again"));
    }

    [Fact]
    public async Task A_conditional_create_finds_a_response_whatever_forms_it_had()
    {
        (await _service.PostFhir(Response("once", "p1g1", 1))).ShouldBe(201);
        (await _service.PostFhir(Response("once", "p2", 1), ("If-None-Exist", "identifier=qr-once"))).ShouldBe(200);
        Assert.Equal(["gad-7 7", "phq-9 9"], await _service.GetScores("once"));
    }

    private static JsonObject Response(string patient, string forms, int version)
    {
        JsonObject[] items =
        [
            .. forms.Chunk(2).Where(f => f.Length == 2).SelectMany(f => (f[0] switch { 'p' => ("phq9", 9), 'g' => ("gad7", 7), _ => ("who5", 5) })
                is var (name, count) ? Enumerable.Range(1, count).Select(i => FhirTestData.IntegerItem($"{name}_{i}", f[1] - '0')) : []),
        ];
        var response = FhirTestData.Phq9($"qr-{patient}", patient: patient, version: version,
            status: forms == "x" ? "entered-in-error" : version == 1 ? "completed" : "amended").Without("questionnaire");
        return items.Length == 0 ? response.Without("item") : response.With("item", new JsonArray([.. items]));
    }

    private static IEnumerable<T[]> Permutations<T>(T[] all) => all.Length == 1 ? [all]
        : all.SelectMany((first, i) => Permutations([.. all[..i], .. all[(i + 1)..]]).Select(rest => (T[])[first, .. rest]));
}
