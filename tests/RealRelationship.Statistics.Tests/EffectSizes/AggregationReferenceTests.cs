namespace RealRelationship.Statistics.Tests;

/// <summary>Aggregated effects and their pooled estimate against metafor's <c>aggregate.escalc</c> (family <c>aggregate</c>).</summary>
public sealed class AggregationReferenceTests
{
    [Theory]
    [MemberData(nameof(ReferenceFile.WithAggregates), MemberType = typeof(ReferenceFile))]
    public void Composites_and_their_mean_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var agreement = new ReferenceComparison(1e-8);
        var answers = file.Properties("dependent", "aggregate").ToList();
        foreach (var answer in answers)
        {
            var rho = double.Parse(answer.Name[3..]);
            var composites = Aggregation.Aggregate(file.Estimates, file.Variances, file.Samples(), rho);
            for (var s = 0; s < composites.Estimates.Count; s++)
            {
                agreement.Compare(answer.Name, composites.Estimates[s], answer.Value, "yi", s);
                agreement.Compare(answer.Name, composites.Variances[s], answer.Value, "vi", s);
            }
            var fit = RandomEffectsModel.Fit([.. composites.Estimates], [.. composites.Variances], ReferenceFile.Options("REML/knha"));
            RandomEffectsReferenceTests.Check(agreement, answer.Name, fit, answer.Value.GetProperty("fit"));
        }
        agreement.AssertAgreement(atLeast: 20 * answers.Count);
    }
}
