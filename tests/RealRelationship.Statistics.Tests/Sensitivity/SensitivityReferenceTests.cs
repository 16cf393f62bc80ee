namespace RealRelationship.Statistics.Tests;

/// <summary>Leave-one-out, influence, cumulative fits and BLUPs of every data set against metafor 5.1.12 (family <c>sensitivity</c>).</summary>
public sealed class SensitivityReferenceTests
{
    private static readonly ModelOptions Reml = new() { Test = CoefficientTest.Normal };

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Leave_one_out_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var answer = file.Answer("sensitivity", "leaveOneOut");
        var agreement = new ReferenceComparison(1e-8);
        var rows = LeaveOneOut.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < rows.Count; i++)
        {
            agreement.Compare("out", rows[i].Estimate, answer, "beta", i);
            agreement.Compare("out", rows[i].StandardError, answer, "se", i);
            agreement.Compare("out", rows[i].Lower, answer, "ciLower", i);
            agreement.Compare("out", rows[i].Upper, answer, "ciUpper", i);
            agreement.Compare("out", rows[i].Q, answer, "q", i);
            agreement.Compare("out", rows[i].TauSquared, answer, "tau2", i);
            agreement.Compare("out", rows[i].ISquared, answer, "i2", i);
        }
        agreement.AssertAgreement(atLeast: 7 * file.Estimates.Length);
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Influence_agrees_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var answer = file.Answer("sensitivity", "influence");
        var influential = answer.GetProperty("influential").EnumerateArray().Select(x => x.GetBoolean());
        var agreement = new ReferenceComparison(1e-8);
        var rows = Influence.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < rows.Count; i++)
        {
            agreement.Compare("influence", rows[i].StudentizedResidual, answer, "rstudent", i);
            agreement.Compare("influence", rows[i].Dffits, answer, "dffits", i);
            agreement.Compare("influence", rows[i].CooksDistance, answer, "cook.d", i);
            agreement.Compare("influence", rows[i].CovarianceRatio, answer, "cov.r", i);
            agreement.Compare("influence", rows[i].TauSquaredDeleted, answer, "tau2.del", i);
            agreement.Compare("influence", rows[i].QDeleted, answer, "QE.del", i);
            agreement.Compare("influence", rows[i].Hat, answer, "hat", i);
            agreement.Compare("influence", rows[i].Weight, answer, "weight", i);
            agreement.Compare("influence", rows[i].Dfbeta, answer, "dfbeta", i);
        }
        agreement.AssertAgreement(atLeast: 9 * file.Estimates.Length);
        Assert.Equal(influential, rows.Select(row => row.Influential));
    }

    [Theory]
    [MemberData(nameof(ReferenceFile.All), MemberType = typeof(ReferenceFile))]
    public void Cumulative_fits_and_shrunken_effects_agree_with_metafor(string name)
    {
        var file = ReferenceFile.Load(name);
        var (cumul, blup) = (file.Answer("sensitivity", "cumulative"), file.Answer("sensitivity", "blup"));
        var agreement = new ReferenceComparison(1e-8);
        var cumulative = Cumulative.Run(file.Estimates, file.Variances, Reml);
        var shrunken = Shrinkage.Run(file.Estimates, file.Variances, Reml);
        for (var i = 0; i < cumulative.Count; i++)
        {
            agreement.Compare("cumulative", cumulative[i].Effect, cumul, "beta", i);
            agreement.Compare("cumulative", cumulative[i].StandardError, cumul, "se", i);
            agreement.Compare("cumulative", cumulative[i].TauSquared, cumul, "tau2", i);
            agreement.Compare("shrunken", shrunken[i].Effect, blup, "pred", i);
            agreement.Compare("shrunken", shrunken[i].StandardError, blup, "se", i);
            agreement.Compare("shrunken", shrunken[i].Lower, blup, "piLower", i);
            agreement.Compare("shrunken", shrunken[i].Upper, blup, "piUpper", i);
        }
        agreement.AssertAgreement(atLeast: 7 * file.Estimates.Length);
    }
}
