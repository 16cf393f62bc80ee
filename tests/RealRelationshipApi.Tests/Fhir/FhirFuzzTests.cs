using System.Text;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Valid resources with a few random bytes changed (fixed seed): every response is valid FHIR.</summary>
public sealed class FhirFuzzTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const int Mutations = 300;
    private const string MutationBytes = "{}[]\":,0129eE+-.nulltrue \\u0000/#?|";

    [SlowTheory("It sends thousands of mutated resources.")]
    [InlineData("Observation", 21)]
    [InlineData("QuestionnaireResponse", 22)]
    [InlineData("batch", 23)]
    [InlineData("transaction", 24)]
    public async Task No_mutated_resource_causes_a_server_error(string what, int seed)
    {
        var resource = what switch
        {
            "Observation" => FhirTestData.Observation(),
            "QuestionnaireResponse" => FhirTestData.Phq9(
            total: 11),
            _ => FhirTestData.Bundle(what, FhirTestData.Observation(), FhirTestData.Phq9(), FhirTestData.Gad7())
        };
        var path = what is "batch" or "transaction" ? "/fhir" : $"/fhir/{what}";
        var valid = Encoding.UTF8.GetBytes(resource.ToJsonString());
        var chance = new Random(seed);
        var refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var body = Mutate(valid, chance);
            var answer = await empty.Service.PostBytes(path, body, "application/fhir+json");
            Assert.True(answer.Status < 500, $"{answer.Status} to {Convert.ToBase64String(body)}");
            Assert.Equal("application/fhir+json", answer.MediaType);
            refused += answer.Status >= 400 ? 1 : 0;
        }

        Assert.InRange(refused, 1, Mutations);
    }

    private static byte[] Mutate(byte[] valid, Random chance)
    {
        var body = valid.ToList();
        for (var changes = 1 + chance.Next(3); changes > 0; changes--)
        {
            var at = chance.Next(body.Count);
            switch (chance.Next(3))
            {
                case 0:
                    body[at] = (byte)MutationBytes[chance.Next(MutationBytes.Length)];
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(1 + chance.Next(8), body.Count - at - 1));
                    break;
                default:
                    body.InsertRange(at, body.GetRange(at, Math.Min(1 + chance.Next(20), body.Count - at)));
                    break;
            }
        }

        return [.. body];
    }
}
