using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>The posterior of the mean under the default priors, in a sentence and as a picture.</summary>
internal static class BayesSection
{
    /// <summary>The posterior; null if it cannot be computed.</summary>
    public static (BayesResponse Response, FittedBayes Fitted)? Fit(EffectSet effects, ModelRequest? model)
    {
        try
        {
            var priorless = model is null ? null : model with { Sequential = null, PriorMuSd = null, PriorTauScale = null };
            return BayesAnalysis.Fit(effects, priorless, ErrorLocation.InQuery).Fitted is { } fitted
                ? (BayesAnalysis.Summarise(fitted, new() { Model = priorless }), fitted) : null;
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    /// <param name="bayes">The posterior.</param>
    /// <param name="query">Filter and model without <c>sequential</c> and priors.</param>
    public static Html Of((BayesResponse Response, FittedBayes Fitted)? bayes, string query)
    {
        if (bayes is not { Response: var response, Fitted: var fitted })
        {
            return Html.Empty;
        }

        var effect = response.Inclusion.Single(inclusion => inclusion.Component == BayesComponent.Effect);
        var interval = $"{ApaFormat.Confidence(response.Model.Confidence)} credible interval";
        var sensitivity = query.Length == 0 ? "?priorSensitivity=true" : $"{query}&priorSensitivity=true";
        return Html.Of($"""
            <section aria-labelledby="bayes">
              <h2 id="bayes">Bayesian estimate</h2>
              <p>Under the priors {PosteriorPhrasing.Describe(response.Prior)} the posterior median of the mean is
                <strong>{PosteriorPhrasing.Interval(response.Mean, fitted)}</strong> ({interval}); it lies above 0 with probability
                {PosteriorPhrasing.Probability(response.Mean.ProbabilityAboveZero)}. The Bayes factor of an effect, over models with and without heterogeneity,
                is {PosteriorPhrasing.BayesFactor(effect.LogBayesFactor)}.
                {(fitted.Frame.Count < response.Counts.Effects ? "Dependent effects enter as one composite per sample." : "")}</p>
              <figure>
                <div class="wide" tabindex="0" role="region" aria-label="Posterior of the mean">
                  <img src="/meta/bayes.svg{query}" width="960" height="560" loading="lazy"
                    alt="Density of the mean before and after the effects. The sentence above has its median and interval.">
                </div>
                <figcaption><a href="/meta/bayes.svg{query}">Posterior</a> · <a href="/meta/priorSensitivity.svg{query}">under other priors</a> ·
                  <a href="/meta/bayes.csv{query}">each study drawn towards the mean, as CSV</a> · <a href="/meta/bayes{sensitivity}">as JSON</a></figcaption>
              </figure>
            </section>
            """);
    }
}
