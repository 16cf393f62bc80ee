using Microsoft.Playwright;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>The table of effects, downloads and layouts.</summary>
public sealed partial class PageTests
{
    [SlowFact("It starts a browser and walks through the page.")]
    public async Task Effects_are_sorted_saved_left_out_and_taken_in_again_on_a_phone()
    {
        await _page.SetViewportSizeAsync(390, 844);
        await _page.GotoAsync("/?by=year");
        await _page.WaitForFunctionAsync("() => document.getElementById('forest').naturalWidth === 390");
        // The plot fits, and nothing is wider than the screen.
        Assert.InRange(await _page.Locator("#forest").EvaluateAsync<double>("e => e.getBoundingClientRect().width"), 340, 390);
        Assert.Equal(390, await _page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        await _page.Locator("img.bubbles").ScrollIntoViewIfNeededAsync();
        await _page.WaitForFunctionAsync("() => document.querySelector('img.bubbles').naturalWidth === 760");

        var saved = await _page.RunAndWaitForDownloadAsync(() => _page.GetByRole(AriaRole.Button, new() { Name = "PNG" }).ClickAsync());
        Assert.Equal("forest.png", saved.SuggestedFilename);
        await using (var file = await saved.CreateReadStreamAsync())
        {
            var head = new byte[24];
            await file.ReadExactlyAsync(head);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], head[..4]);
            Assert.Equal(1920, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(16)));
        }

        await _page.Locator("#effects summary").ClickAsync();
        var first = _page.Locator("#effects tbody tr").First;
        await _page.Locator("#effects").GetByRole(AriaRole.Button, new() { Name = "r", Exact = true }).ClickAsync();
        Assert.Contains("illustration-16/e1", await first.InnerTextAsync(), StringComparison.Ordinal);
        await _page.Keyboard.PressAsync("Enter");
        Assert.Contains("illustration-12/e1", await first.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("descending", await _page.Locator("#effects th[aria-sort]").GetAttributeAsync("aria-sort"));

        await _page.GetByRole(AriaRole.Link, new() { Name = "Leave out illustration-16" }).ClickAsync();
        await _page.Locator("#left-out").WaitForAsync();
        Assert.Equal("r = .39", await _page.Locator(".estimate .r").InnerTextAsync());
        Assert.EndsWith("/?by=year&exclude=illustration-16", _page.Url, StringComparison.Ordinal);
        Assert.Empty(await browsed.Tools!.FindViolationsAsync(_page));
        await _page.GetByRole(AriaRole.Link, new() { Name = "Take illustration-16 in again" }).ClickAsync();
        await _page.WaitForFunctionAsync("() => document.querySelector('.estimate .r').innerText === 'r = .37'");
        Assert.Equal(0, await _page.Locator("#left-out").CountAsync());
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task A_printed_page_has_the_plots_and_no_forms()
    {
        await _page.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Dark });
        await _page.SetViewportSizeAsync(700, 990);
        await _page.GotoAsync("/");
        Assert.Equal("rgb(255, 255, 255)", await _page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        Assert.True(await _page.Locator("#forest").IsVisibleAsync());
        Assert.All(await _page.Locator("form, button, .downloads").AllAsync(), form => Assert.True(form.IsHiddenAsync().Result));
        Assert.Equal(700, await _page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
    }

    /// <summary>As the browser draws them: no text leaves the picture, runs into another or is crossed by a line, and numbers end in one column.</summary>
    [SlowTheory("It starts a browser and walks through the page.")]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task A_forest_plot_of_any_size_is_legible_on_screen_and_phone(int studies)
    {
        var effects = string.Join(", ", Enumerable.Range(1, studies).Select(i => $$"""
            { "study": "van der Voortgang-Abernathy, Kivlighan & {{i}} 20{{i % 20 + 10}}",
              "r": {{(i * 37 % 140 - 50) / 100.0:F2}}, "n": {{20 + (i * 613 % 4000)}} }
            """));
        foreach (var width in new[] { 960, 390 })
        {
            // The demonstration data have registered studies and published results, too.
            var picture = studies == 16 ? await browsed.Service.Get($"/meta/forest.svg?by=outcomeType&width={width}")
                : await browsed.Service.PostText("/meta/forest.svg", $$"""{ "effects": [{{effects}}], "rows": 500, "width": {{width}} }""");
            await _page.SetContentAsync($"<!doctype html><body style=\"margin:0\">{picture.ShouldBe(200).Text}");
            Assert.Empty(await _page.EvaluateAsync<string[]>("""
                () => {
                  const svg = document.querySelector("svg"), frame = svg.getBoundingClientRect();
                  const texts = [...svg.querySelectorAll("text")].map(t => [t, t.getBoundingClientRect()]).sort(([, a], [, b]) => a.top - b.top);
                  const found = texts.filter(([, b]) => b.left < frame.left || b.right > frame.right || b.top < frame.top || b.bottom > frame.bottom)
                    .map(([t]) => `${t.textContent} leaves`);
                  // The upper and lower ends of a line's box are empty.
                  texts.forEach(([t, a], i) => {
                    for (const [u, b] of texts.slice(i + 1)) {
                      if (b.top + 3 >= a.bottom - 3) break;
                      if (a.left < b.right && b.left < a.right) found.push(`${t.textContent} / ${u.textContent}`);
                    }
                  });
                  for (const line of svg.querySelectorAll("line.zero, line.guide")) {
                    const l = line.getBoundingClientRect();
                    found.push(...texts.filter(([, b]) => b.left < l.right && l.left < b.right && b.top + 3 < l.bottom && l.top < b.bottom - 3)
                      .map(([t]) => `a line crosses ${t.textContent}`));
                  }
                  const ends = texts.filter(([t]) => /^[−.\d].*\]$/.test(t.textContent)).map(([, b]) => Math.round(b.right));
                  if (ends.length < 3 || new Set(ends).size > 1) found.push(`numbers end at ${[...new Set(ends)]}`);
                  return found;
                }
                """));
        }
    }
}
