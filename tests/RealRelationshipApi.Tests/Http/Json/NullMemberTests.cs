using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Analyses.WhatIf;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Json;

/// <summary>One rule for all members of request bodies: null is as absent where the contract says that a member can be null, so that an answer can be sent
/// back, and an error elsewhere.</summary>
public sealed class NullMemberTests(WhatIfService shared) : IClassFixture<WhatIfService>
{
    private static readonly JsonNode s_schemas = JsonNode.Parse(RepositoryFiles.Read("openapi/openapi.json"))!.At("components/schemas")!;

    private readonly Service _service = shared.Service;

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "/meta/pool", "PoolRequest", "" },
        { "/meta/moderators", "ModeratorsRequest", "\"by\": [\"timing\"], " },
        { "/meta/regression", "RegressionRequest", "\"terms\": [\"timing\"], " },
        { "/meta/bias", "BiasRequest", "" },
        { "/meta/sensitivity", "SensitivityRequest", "" },
        { "/meta/certainty", "CertaintyRequest", "" },
        { "/meta/plan", "PlanRequest", "\"target\": \"excludesZero\", " },
        { "/meta/forest.svg", "ForestRequest", "" },
        { "/meta/funnel.svg", "FunnelRequest", "" },
        { "/meta/cumulative.svg", "CumulativeRequest", "" },
    };

    [Theory, MemberData(nameof(Bodies))]
    public async Task Null_is_as_absent_in_analyses(string path, string schema, string members)
    {
        var body = JsonNode.Parse(
            $$$"""{ {{{members}}} "filter": {}, "model": {}, "add": [{ "r": 0.3, "n": 50, "moderators": { "timing": "late" } }] }""")!;
        var expected = (await _service.Post(path, body)).ShouldBe(200);
        var withNulls = body.DeepClone();
        var count = AddNulls(withNulls, schema) + AddNulls(withNulls["filter"]!, "FilterRequest") + AddNulls(withNulls["model"]!, "ModelRequest")
            + AddNulls(withNulls["add"]![0]!, "InlineEffect");
        Assert.True(count > 40, $"{count} members");
        Assert.Equal(expected.Text, (await _service.Post(path, withNulls)).ShouldBe(200).Text);

        // A member that is there, and null, is as if it were not.
        var without = (await _service.PostText(path, $"{{ {members} \"filter\": {{}} }}")).ShouldBe(200).Text;
        Assert.Equal(without, (await _service.PostText(path, $"{{ {members} \"effects\": null, \"filter\": null, \"add\": null, \"model\": null }}"))
            .ShouldBe(200).Text);
    }

    [Fact]
    public async Task Null_is_as_absent_in_studies_and_an_error_where_the_contract_has_no_null()
    {
        var study = TestData.Study("nulls");
        var expected = (await _service.Post("/studies?validateOnly=true", study)).ShouldBe(200);
        var withNulls = study.DeepClone();
        var count = AddNulls(withNulls, "StudyRequest") + AddNulls(withNulls["citation"]!, "Citation") + AddNulls(withNulls["effects"]![0]!, "EffectRequest")
            + AddNulls(withNulls["effects"]![0]!["statistic"]!, "Statistic");
        Assert.True(count > 30, $"{count} members");
        Assert.Equal(WithoutInstant(expected), WithoutInstant((await _service.Post("/studies?validateOnly=true", withNulls)).ShouldBe(200)));

        foreach (var (schema, place) in new[] { ("StudyRequest", ""), ("Citation", "citation/"), ("EffectRequest", "effects/0/"),
            ("Statistic", "effects/0/statistic/") })
        {
            foreach (var member in Members(schema).Where(member => !CanBeNull(member.Value!) && member.Value!["readOnly"] is null))
            {
                var problem = (await _service.Post("/studies?validateOnly=true", TestData.Study("nulls").With(place + member.Key, null))).ShouldBeProblem(400);
                Assert.Equal($"#/{place}{member.Key}", Assert.Single(problem.Errors).Split(' ')[0]);
            }
        }

        static string WithoutInstant(ServiceResponse answer)
        {
            var json = answer.Json.AsObject();
            json.Remove("recordedAt");
            return json.ToJsonString();
        }
    }

    private static int AddNulls(JsonNode node, string schema)
    {
        string[] absent = [.. Members(schema).Where(member => CanBeNull(member.Value!) && !node.AsObject().ContainsKey(member.Key))
            .Select(member => member.Key)];
        foreach (var name in absent)
        {
            node[name] = null;
        }

        return absent.Length;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(string schema) => s_schemas.At($"{schema}/properties")!.AsObject();

    private static bool CanBeNull(JsonNode member) => IsNull(member) || member["oneOf"]?.AsArray().Any(alternative => IsNull(alternative!)) == true;

    private static bool IsNull(JsonNode schema) => schema["type"] is JsonArray types ? types.Any(type => type!.GetValue<string>() == "null")
        : schema["type"]?.GetValue<string>() == "null";
}
